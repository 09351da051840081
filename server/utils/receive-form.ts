import type { BusboyFileStream } from '@fastify/busboy'
import type { H3Event } from 'h3'
import { maxFileBytes, maxFiles } from '#shared/schemas/attachment'
import { malformed, readMultipart } from './multipart'
import { writeFile, type ReceivedFile } from './receive-file'
import { Spool } from './spool'

/** Why the files of a form cannot be taken. The code of the error that says so. */
export type FormFileProblem = 'too_large' | 'too_many_attachments' | 'empty_file'

export interface ReceivedForm {
  values: Record<string, string>
  /** Empty if there is a problem. */
  files: ReceivedFile[]
  problem: FormFileProblem | null
}

const maxFields = 20
const maxFieldBytes = 700_000
// The largest files, the text, and the headers between them. Also bounds what is read after a file that is too large.
const maxFormBytes = maxFiles * maxFileBytes + 1_048_576

/**
 * Receives a form with text and files, each file on disk. A file that cannot be taken is a problem and no error, so that the text is kept:
 * the body is read to its end for this, up to 251 MB. Throws 400 for a malformed body, 408 when the sender pauses for 30 seconds, 413 for a
 * text field of more than 700 kB. The caller closes the files.
 */
export async function receiveForm(event: H3Event): Promise<ReceivedForm> {
  const spools: Spool[] = []
  const form: ReceivedForm = { values: {}, files: [], problem: null }
  const refuse = (problem: FormFileProblem) => (form.problem ??= problem)
  try {
    return await readMultipart(event, {
      noun: 'form',
      limits: {
        fileSize: maxFileBytes,
        files: maxFiles,
        fields: maxFields,
        fieldSize: maxFieldBytes,
        parts: maxFiles + maxFields + 1
      },
      listen: ({ parser, parsed, stopped, stop }) => {
        const writing: Promise<ReceivedFile | undefined>[] = []
        const streams: BusboyFileStream[] = []
        const ended = Promise.withResolvers<undefined>()
        parser.on('field', (name, value, _nameIsCut, valueIsCut) => {
          if (valueIsCut) stop(failure(413, 'too_large', `A field has at most ${maxFieldBytes} bytes`))
          form.values[name] = value.replaceAll('\r\n', '\n')
        })
        parser.on('file', (field, stream, name, _encoding, type) => {
          streams.push(stream)
          stream.on('error', () => {}) // the loop that reads it throws it
          // Browsers send a part without a name for a field in which no file was chosen.
          if (field !== 'file' || !name || form.problem) {
            stream.resume()
            return
          }
          stream.once('limit', () => refuse('too_large'))
          const written = receivePart(stream, name, type)
          written.catch(stop)
          writing.push(written)
        })
        parser.on('filesLimit', () => refuse('too_many_attachments'))
        for (const limit of ['fieldsLimit', 'partsLimit'] as const) parser.on(limit, () => stop(malformed()))
        let size = 0
        return {
          onData(chunk) {
            size += chunk.length
            if (size <= maxFormBytes) return
            refuse('too_large')
            ended.resolve(undefined)
          },
          async result() {
            await Promise.race([parsed, ended.promise, stopped])
            if (form.problem) return form
            const received = await Promise.race([Promise.all(writing), stopped])
            if (!form.problem) form.files = received.filter(file => file !== undefined)
            return form
          },
          async close() {
            for (const stream of streams) stream.destroy()
            await Promise.allSettled(writing)
          }
        }
      }
    })
  } finally {
    if (form.files.length === 0) for (const spool of spools) await spool.close()
    await drainRequest(event)
    event.context.bodyLength = 0 // the files are on disk: what follows is not heavy
  }

  async function receivePart(stream: BusboyFileStream, name: string, type: string): Promise<ReceivedFile | undefined> {
    const spool = await Spool.open()
    spools.push(spool)
    try {
      const facts = await writeFile(stream, spool, name, type)
      return { ...facts, read: () => spool.read(), close: () => spool.close() }
    } catch (error) {
      if (!isError(error) || error.statusCode !== 422) throw error
      refuse('empty_file')
      return undefined
    }
  }
}
