import { asService } from '../db/identity'
import { removeOldMerges } from '../domain/contact/merge'
import { runBatches } from './batches'
import type { Job } from './boss'

const batchSize = 1_000

export const removeMergesJob: Job = {
  name: 'remove-merges',
  async run(stopping) {
    await runBatches(stopping, () => asService('removing old merges of contacts', db => removeOldMerges(db, batchSize)))
  }
}
