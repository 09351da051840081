import type { H3Event } from 'h3'
import { hasScanner } from '../adapters/clamd'
import { objectKey } from '../domain/attachment/upload'
import { attachClientUploads, createClientUpload, deleteClientUpload, finishClientUpload } from '../domain/portal/file'
import type { Db } from '../db/types'
import type { PortalCaller } from './portal-caller'
import type { ReceivedFile } from './receive-file'

/** Attaches the files to a message that the same transaction has written. Without `replyId`, to the ticket itself. */
export type AttachFiles = (message: { number: number; replyId?: string }) => Promise<void>

/**
 * Scans and stores the files of a form, and then writes its message: `write` attaches them in its transaction. If the message is refused,
 * or not written, nothing of them is kept. `number` is the ticket of the page; null for a new one. Throws what `write` throws, 422
 * `upload_infected`, 409 `upload_unscanned`, 502 `storage_failed`.
 */
export async function writeWithFiles<T>(
  event: H3Event,
  caller: Pick<PortalCaller, 'db'>,
  { teamId, number, files }: { teamId: string; number: number | null; files: ReceivedFile[] },
  write: (db: Db, attach: AttachFiles) => Promise<T>
): Promise<T> {
  const ids: string[] = []
  try {
    for (const file of files) await storeFile(file)
    const { result, repeated } = await caller.db(async tx => {
      let repeated: string[] | undefined
      const result = await write(tx, async ({ number, replyId = null }) => {
        const message = { number, replyId, uploadIds: ids, unscanned: unscannedPolicy() }
        repeated = ids.length > 0 ? await attachClientUploads(tx, teamId, message) : []
      })
      return { result, repeated }
    })
    if (!repeated) await discardAll()
    for (const id of repeated ?? []) await deleteContent(objectKey(teamId, id))
    return result
  } catch (error) {
    await discardAll()
    throw error
  }

  async function storeFile(file: ReceivedFile): Promise<void> {
    const id = await caller.db(tx => createClientUpload(tx, teamId, { number, file, state: hasScanner() ? 'scanning' : 'receiving' }))
    ids.push(id)
    const result = await scanAndStore(event, objectKey(teamId, id), file)
    await caller.db(tx => finishClientUpload(tx, teamId, id, result))
    if (result.state === 'infected')
      throw failure(422, 'upload_infected', `${file.name} is infected and was not stored`, { name: file.name })
  }

  async function discardAll(): Promise<void> {
    for (const id of ids) {
      try {
        await caller.db(tx => deleteClientUpload(tx, teamId, id))
        await deleteContent(objectKey(teamId, id))
      } catch (error) {
        // The error that led here is the one to answer. A job deletes the row in a day, and then the content.
        console.error('A file of a client could not be deleted yet:', error instanceof Error ? error.message : 'unknown error')
      }
    }
  }
}
