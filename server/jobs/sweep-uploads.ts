import { plural } from '#shared/utils/plural'
import { deleteObjects } from '../adapters/storage'
import { asService } from '../db/identity'
import { listOrphanedObjects, removeStaleUploads, removeUnusedImages } from '../domain/attachment/sweep'
import { runBatches } from './batches'
import type { Job } from './boss'

const batchSize = 500

/**
 * Deletes uploads that were not sent, pictures that no text names, and the content of files that no row needs. Returns how many objects it
 * deleted.
 */
export async function sweepUploads(stopping: AbortSignal): Promise<number> {
  await runBatches(stopping, () => asService('removing stale uploads', db => removeStaleUploads(db, batchSize)))
  await runBatches(stopping, () => asService('removing unused pictures', db => removeUnusedImages(db, batchSize)))
  let last = ''
  return runBatches(stopping, async () => {
    const keys = await asService('finding orphaned objects', db => listOrphanedObjects(db, last, batchSize))
    await deleteObjects(keys)
    last = keys.at(-1) ?? last
    return keys.length
  })
}

export const sweepUploadsJob: Job = {
  name: 'sweep-uploads',
  async run(stopping) {
    const deleted = await sweepUploads(stopping)
    if (deleted > 0) console.info(plural(deleted, 'Deleted the content of 1 file', 'Deleted the content of # files'))
  }
}
