import { plural } from '#shared/utils/plural'
import { hasScanner, scanFile } from '../adapters/clamd'
import { deleteObjects, getObject } from '../adapters/storage'
import { asService } from '../db/identity'
import { listUnscannedFiles, recordScan, type UnscannedFile } from '../domain/attachment/rescan'
import { objectKey } from '../domain/attachment/upload'
import { runBatches } from './batches'
import type { Job } from './boss'

const batchSize = 50
// A scanner that cannot scan so many files in a row is down.
const maxFailures = 3

/** Scans the files that no scanner has seen: it was down, or there was none. Returns how many were scanned. */
export async function rescanFiles(stopping: AbortSignal): Promise<number> {
  if (!hasScanner()) return 0
  let last: UnscannedFile | undefined
  let scanned = 0
  let failures = 0
  await runBatches(stopping, async () => {
    const files = await asService('finding unscanned files', db => listUnscannedFiles(db, last, batchSize))
    for (const file of files) {
      if (stopping.aborted || failures >= maxFailures) return 0
      const outcome = await rescan(file)
      if (outcome === 'scanned') scanned++
      if (outcome !== 'gone') failures = outcome === 'failed' ? failures + 1 : 0
    }
    last = files.at(-1) ?? last
    return files.length
  })
  return scanned
}

// `gone`: the file was removed meanwhile. `failed`: the scanner gave no clear answer.
async function rescan({ id, team_id }: UnscannedFile): Promise<'scanned' | 'gone' | 'failed'> {
  const key = objectKey(team_id, id)
  const content = await getObject(key)
  if (!content) return 'gone'
  const result = await scanFile(content).finally(() => content.destroy())
  if (result.state === 'unscanned') {
    console.error(`A file could not be scanned: ${result.reason}`)
    return 'failed'
  }
  await asService('recording a scan', db => recordScan(db, id, result))
  if (result.state === 'infected') await deleteObjects([key])
  return 'scanned'
}

export const rescanFilesJob: Job = {
  name: 'rescan-files',
  async run(stopping) {
    const scanned = await rescanFiles(stopping)
    if (scanned > 0) console.info(plural(scanned, 'Scanned 1 file again', 'Scanned # files again'))
  }
}
