import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { stringify } from 'csv-stringify'
import { setHeaders, type H3Event } from 'h3'
import type { Db } from '../db/types'
import { Spool } from './spool'

export type CsvCell = string | number | boolean | null

/**
 * Rows as a CSV file (RFC 4180: commas, CRLF at the end of every line, doubled quotes) in UTF-8, with the byte order mark that
 * Excel needs. Text is always quoted, and text that a spreadsheet would run is escaped (`escapeFormula`). `rows` are read at the
 * pace of the reader; an error while reading destroys the stream.
 */
export function csvStream(header: readonly string[], rows: Iterable<readonly CsvCell[]> | AsyncIterable<readonly CsvCell[]>): Readable {
  const output = stringify({ bom: true, record_delimiter: '\r\n', quoted_string: true, cast: { string: escapeFormula, boolean: String } })
  output.write(header)
  const source = Readable.from(rows)
  source.on('error', error => output.destroy(error))
  // A reader who disconnects ends the query behind `rows`.
  output.on('close', () => source.destroy())
  return source.pipe(output)
}

/** Answers with a CSV file that browsers download. `fileName`: letters, digits, `.`, `_` and `-`. */
export function sendCsv(
  event: H3Event,
  fileName: string,
  header: readonly string[],
  rows: Iterable<readonly CsvCell[]> | AsyncIterable<readonly CsvCell[]>
): Readable {
  setCsvHeaders(event, fileName)
  return csvStream(header, rows)
}

function setCsvHeaders(event: H3Event, fileName: string): void {
  setHeaders(event, {
    'content-type': 'text/csv; charset=utf-8; header=present',
    'content-disposition': `attachment; filename="${fileName}"`,
    'x-content-type-options': 'nosniff'
  })
}

// A connection without progress for this long is closed.
const idleMs = 120_000
// The longest transfer: 100 MB in an hour is 28 kB a second.
const transferMs = 3_600_000

/**
 * Answers with a CSV file of rows that are read in one transaction of `run`, from one snapshot. The rows go to a file on disk as fast as
 * Postgres delivers them, so that a slow reader does not hold the database connection. An error before the first row becomes an error
 * answer; a later one aborts the transfer. A reader who disconnects ends the query. Settles when the last byte is sent or the reader has
 * disconnected.
 */
export async function streamCsv(
  event: H3Event,
  run: (work: (db: Db) => Promise<boolean>) => Promise<boolean>,
  fileName: string,
  header: readonly string[],
  read: (db: Db) => AsyncGenerator<readonly CsvCell[]>
): Promise<void> {
  const { res, req } = event.node
  const deadline = setTimeout(() => res.destroy(), transferMs)
  const spoolReady = Promise.withResolvers<Spool>()
  const disconnected = new AbortController()
  const disconnect = () => disconnected.abort()
  res.once('close', disconnect)
  let spool: Spool | undefined
  const written = run(async db => {
    const rows = read(db)
    const first = await rows.next()
    spool = await Spool.open()
    spoolReady.resolve(spool)
    await spool.write(csvStream(header, resumeRows(first, rows, disconnected.signal)))
    return true
  })
  written.catch(spoolReady.reject)
  try {
    const file = await spoolReady.promise
    req.socket.setTimeout(idleMs)
    setCsvHeaders(event, fileName)
    await pipeline(Readable.from(file.read(), { objectMode: false }), res)
    await written
  } catch (error) {
    if (!isDisconnect(error)) throw error
  } finally {
    clearTimeout(deadline)
    res.off('close', disconnect)
    disconnect()
    await Promise.allSettled([written])
    await spool?.close()
  }
}

async function* resumeRows<Row>(first: IteratorResult<Row>, rows: AsyncGenerator<Row>, stopping: AbortSignal): AsyncGenerator<Row> {
  try {
    for (let next = first; !next.done && !stopping.aborted; next = await rows.next()) yield next.value
  } finally {
    await rows.return(undefined)
  }
}

// The reader closed the connection, which is no error.
function isDisconnect(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_UNABLE_TO_PIPE', 'ECONNRESET', 'EPIPE'].includes(String(error.code))
  )
}

// Matches = + - @, their full-width forms, and any of these behind spaces, which spreadsheets drop. Also matches a leading tab or line
// break, which moves the rest into another cell. Text with leading apostrophes matches too and gets one more, so that an import can
// remove one. csv-stringify's `escape_formulas` looks at the first character only: "  =1+1" would run, and "'=1+1" would come back as
// "=1+1".
const formula = /^'*(?:[\t\r\n]|[\s\p{Cc}\p{Cf}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/u

/** Puts an apostrophe before text that a spreadsheet would run (OWASP, CSV injection). */
export function escapeFormula(text: string): string {
  return formula.test(text) ? `'${text}` : text
}
