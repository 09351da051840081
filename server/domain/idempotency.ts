import { sql } from 'kysely'
import type { Db } from '../db/types'
import { Refusal } from './refusal'

/**
 * Claims an idempotency key of the caller for this transaction; waits while another transaction holds it. Returns null when the key was
 * free, else the stored result. Throws 422 `idempotency_mismatch` when another request used the key.
 */
export async function takeIdempotencyKey(db: Db, hash: Buffer, requestHash: Buffer): Promise<Buffer | null> {
  const {
    rows: [taken]
  } = await sql<{
    request_hash: Buffer
    result: Buffer
  }>`select request_hash, result from private.take_idempotency_key(${hash}, ${requestHash})`.execute(db)
  if (!taken) return null
  if (!taken.request_hash.equals(requestHash))
    throw new Refusal(422, 'idempotency_mismatch', 'This Idempotency-Key has been used for another request')
  return taken.result
}

export async function storeIdempotentResult(db: Db, hash: Buffer, result: Buffer): Promise<void> {
  await sql`select private.store_idempotent_result(${hash}, ${result})`.execute(db)
}

export async function removeIdempotencyKeys(db: Db): Promise<void> {
  await sql`delete from private.idempotency_keys where created_at < now() - interval '24 hours'`.execute(db)
}
