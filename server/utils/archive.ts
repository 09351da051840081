import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { H3Event } from 'h3'
import { ZipFile } from 'yazl'
import type { Attachment } from '#shared/types/api'
import { getObject } from '../adapters/storage'
import type { TicketArchive } from '../domain/attachment/archive'
import { objectKey } from '../domain/attachment/upload'

/**
 * Answers with a zip file whose content is read from the storage at the pace of the reader, one file at a time. The files are not
 * compressed: pictures and documents are compressed already, and the length of the answer is known. If the storage fails in between, the
 * transfer is aborted. One archive at a time per person: throws 429 after a minute of waiting.
 */
export async function sendArchive(event: H3Event, { name, entries, missing }: TicketArchive): Promise<void> {
  const { req, res } = event.node
  await inFileTurn(event, 'archive', async () => {
    const zip = new ZipFile()
    const output = zip.outputStream as Readable
    let current: Readable | undefined
    const fail = (error: Error) => output.destroy(error)
    zip.once('error', fail)
    for (const { name: entryName, file } of entries)
      zip.addReadStreamLazy(entryName, { size: file.size, compress: false, mtime: new Date(file.created_at) }, deliver => {
        readFile(file).then(content => {
          current = content
          content.once('error', fail)
          if (output.destroyed) content.destroy()
          else deliver(null, content)
        }, fail)
      })
    if (missing) zip.addBuffer(Buffer.from(missing.text), missing.name, { compress: false })
    const { promise: size, resolve } = Promise.withResolvers<number>()
    // @types/yazl does not know that the callback gets the size.
    zip.end(undefined, resolve as () => void)
    setHeaders(event, {
      'content-type': 'application/zip',
      'content-length': await size,
      'content-disposition': `attachment; filename="${name}"`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store'
    })
    req.socket.setTimeout(idleMs)
    try {
      await pipeline(output, res)
    } catch (error) {
      // The reader closed the connection, or the storage failed in between: the connection is gone, so nothing can be answered.
      if (!res.destroyed) throw error
    } finally {
      current?.destroy()
    }
  })
}

async function readFile(file: Attachment): Promise<Readable> {
  const content = await translateStorageErrors(() => getObject(objectKey(file.team_id, file.id)))
  if (!content) throw new Error(`The content of the attachment ${file.id} is missing`)
  return content
}
