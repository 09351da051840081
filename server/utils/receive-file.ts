import { createHash } from 'node:crypto'
import type { BusboyFileStream } from '@fastify/busboy'
import type { H3Event } from 'h3'
import { maxFileBytes } from '#shared/schemas/attachment'
import { detectContentType, headBytes } from '../domain/attachment/content-type'
import { cleanFileName } from '../domain/attachment/file-name'
import type { FileFacts } from '../domain/attachment/upload'
import { readMultipart } from './multipart'
import { Spool } from './spool'

export interface ReceivedFile extends FileFacts {
  /** The content from its beginning. */
  read: () => AsyncIterable<Buffer>
  close: () => Promise<void>
}

// Boundaries and headers of a multipart body.
const overheadBytes = 16_384

const tooLarge = () => failure(413, 'too_large', 'A file has at most 25 MB')
const notOneFile = () =>
  failure(400, 'invalid', 'Send one file, in the field "file"', {
    issues: [{ path: 'file', message: 'Send one file, in the field "file"' }]
  })

/**
 * Receives the field `file` of a multipart body into a file on disk, and determines its type and digest on the way. Throws 415 for
 * another content type, 413 as soon as the file exceeds 25 MB, 400 for other fields and a body that ends too early, 408 when the sender
 * pauses for 30 seconds. After a refusal nothing is kept, and the connection of a sender who goes on
 * is closed within a second.
 */
export async function receiveFile(event: H3Event): Promise<ReceivedFile> {
  let spool: Spool | undefined
  try {
    if (!/^multipart\/form-data\s*;.*boundary=/is.test(getHeader(event, 'content-type') ?? ''))
      throw failure(415, 'content_type', 'Send the file as multipart/form-data')
    if (Number(getHeader(event, 'content-length') ?? 0) > maxFileBytes + overheadBytes) throw tooLarge()
    spool = await Spool.open()
    const opened = spool
    const facts = await readFile(event, opened)
    hashBody(event, Buffer.from(JSON.stringify(facts)))
    return { ...facts, read: () => opened.read(), close: () => opened.close() }
  } catch (error) {
    await spool?.close()
    throw error
  }
}

function readFile(event: H3Event, spool: Spool): Promise<FileFacts> {
  return readMultipart(event, {
    noun: 'file',
    limits: { fileSize: maxFileBytes, files: 1, fields: 0, parts: 1 },
    listen: ({ parser, parsed, stopped, stop }) => {
      let stream: BusboyFileStream | undefined
      let writing: Promise<FileFacts> | undefined
      parser.on('file', (field, file, name, _encoding, type) => {
        stream = file
        file.on('error', () => {}) // the loop that reads it throws it
        // The stream of a part that is too long does not end before the part does.
        file.once('limit', () => stop(tooLarge()))
        if (field !== 'file') return stop(notOneFile())
        writing = writeFile(file, spool, name, type)
        writing.catch(stop)
      })
      for (const limit of ['fieldsLimit', 'filesLimit', 'partsLimit'] as const) parser.on(limit, () => stop(notOneFile()))
      return {
        async result() {
          await Promise.race([parsed, stopped])
          if (!writing) throw notOneFile()
          return Promise.race([writing, stopped])
        },
        async close() {
          stream?.destroy()
          await Promise.allSettled([writing])
        }
      }
    }
  })
}

/** Writes a part of a body to disk, and determines its type and digest on the way. Throws 422 `empty_file`. */
export async function writeFile(stream: BusboyFileStream, spool: Spool, name: string | undefined, declared: string): Promise<FileFacts> {
  const hash = createHash('sha256')
  let size = 0
  await spool.write(
    (async function* () {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        hash.update(chunk)
        size += chunk.length
        yield chunk
      }
      if (size === 0) throw failure(422, 'empty_file', 'The file is empty')
    })()
  )
  return {
    name: cleanFileName(name ?? ''),
    size,
    sha256: hash.digest('hex'),
    contentType: await detectContentType(await spool.readHead(headBytes), declared)
  }
}
