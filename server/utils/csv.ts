import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { stringify } from 'csv-stringify'
import { setHeaders, type H3Event } from 'h3'

/** What a cell may hold. Numbers stay numbers; null is an empty cell. */
export type CsvCell = string | number | boolean | null

/**
 * Rows as a CSV file (RFC 4180: commas, CRLF at the end of every line, doubled quotes) in UTF-8 with the byte order mark
 * by which Excel knows it. Text is always quoted, and text that a spreadsheet would take for a formula is neutralised
 * (see `inert`). Rows may be an endless source: they are read as fast as the reader takes them, and an error of theirs
 * destroys the stream.
 */
export function csvStream(header: readonly string[], rows: Iterable<readonly CsvCell[]> | AsyncIterable<readonly CsvCell[]>): Readable {
  const output = stringify({ bom: true, record_delimiter: '\r\n', quoted_string: true, cast: { string: inert, boolean: String } })
  output.write(header)
  const source = Readable.from(rows)
  source.on('error', error => output.destroy(error))
  // A reader who goes away ends the query that feeds the file.
  output.on('close', () => source.destroy())
  return source.pipe(output)
}

/** Answers with a CSV file of that name (letters, digits, `.`, `_` and `-`), which browsers download. */
export function sendCsv(event: H3Event, fileName: string, header: readonly string[], rows: Iterable<readonly CsvCell[]> | AsyncIterable<readonly CsvCell[]>): Readable {
  setHeaders(event, { 'content-type': 'text/csv; charset=utf-8; header=present', 'content-disposition': `attachment; filename="${fileName}"`, 'x-content-type-options': 'nosniff' })
  return csvStream(header, rows)
}

/**
 * Writes the file to the answer and settles when the last byte is written, or the reader has gone. The first row is
 * awaited before anything is sent: an error so far is answered as one, a later one cuts the transfer off.
 */
export async function streamCsv(event: H3Event, fileName: string, header: readonly string[], rows: AsyncIterator<readonly CsvCell[]>): Promise<void> {
  const first = await rows.next()
  async function* all() {
    try {
      for (let next = first; !next.done; next = await rows.next()) yield next.value
    } finally {
      await rows.return?.()
    }
  }
  try {
    await pipeline(sendCsv(event, fileName, header, all()), event.node.res)
  } catch (error) {
    if (!isAborted(error)) throw error
  }
}

// The reader closed the connection: theirs to do, and nothing to report.
function isAborted(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ERR_STREAM_PREMATURE_CLOSE' || error.code === 'ECONNRESET')
}

// = + - @, also in their full-width forms and behind spaces, which spreadsheets drop; a tab or line break at the
// beginning moves what follows into a cell of its own.
const formula = /^(?:[\t\r\n]|[\s\p{Cc}\p{Cf}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/u

/** The text with an apostrophe before it where a spreadsheet would run it (OWASP, CSV injection). */
export function inert(text: string): string {
  return formula.test(text) ? `'${text}` : text
}
