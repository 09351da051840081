import { asService } from '../db/identity'
import { removeIdempotencyKeys } from '../domain/idempotency'
import type { Job } from './boss'

export const removeIdempotencyKeysJob: Job = {
  name: 'remove-idempotency-keys',
  async run() {
    await asService('removing old idempotency keys', removeIdempotencyKeys)
  }
}
