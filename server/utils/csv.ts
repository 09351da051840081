import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { stringify } from 'csv-stringify'
import { setHeaders, type H3Event } from 'h3'
import type { Db } from '../db/types'
import { Spool } from './spool'

/** What a cell may hold. Numbers stay numbers; null is an empty cell. */
export type CsvCell = string | number | boolean | null

/**
 * Rows as a CSV file (RFC 4180: commas, CRLF at the end of every line, doubled quotes) in UTF-8 with the byte order mark
 * by which Excel knows it. Text is always quoted, and a text that a spreadsheet would run is escaped (`escapeFormula`).
 * Rows may be an endless source: they are read as fast as the reader takes them, and an error of theirs destroys the stream.
 */
export function csvStream(header: readonly string[], rows: Iterable<readonly CsvCell[]> | AsyncIterable<readonly CsvCell[]>): Readable {
  const output = stringify({ bom: true, record_delimiter: '\r\n', quoted_string: true, cast: { string: escapeFormula, boolean: String } })
  output.write(header)
  const source = Readable.from(rows)
  source.on('error', error => output.destroy(error))
  // A reader who goes away ends the query that feeds the file.
  output.on('close', () => source.destroy())
  return source.pipe(output)
}

/** Answers with a CSV file of that name (letters, digits, `.`, `_` and `-`), which browsers download. */
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

/** A reader of whom the network took nothing for so long has gone. */
const idleMs = 120_000
// However slowly it is taken: 100 MB in an hour is 28 kB a second.
const transferMs = 3_600_000

/**
 * Answers with a CSV file of rows that are read in one transaction of `run`, and so are of one moment. They go to a file of
 * this process as fast as Postgres gives them, which the reader then takes at any pace: the connection comes back when the
 * last row is read, whoever reads or does not. An error before the first row is answered as one, a later one cuts the
 * transfer off; a reader who goes ends the query. Settles when the last byte is sent, or the reader has gone.
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
  const gone = new AbortController()
  const leave = () => gone.abort()
  res.once('close', leave)
  let spool: Spool | undefined
  const written = run(async db => {
    const rows = read(db)
    const first = await rows.next()
    spool = await Spool.open()
    spoolReady.resolve(spool)
    await spool.write(csvStream(header, resumeRows(first, rows, gone.signal)))
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
    if (!isAborted(error)) throw error
  } finally {
    clearTimeout(deadline)
    res.off('close', leave)
    leave()
    await Promise.allSettled([written])
    await spool?.close()
  }
}

async function* resumeRows<Row>(first: IteratorResult<Row>, rows: AsyncGenerator<Row>, gone: AbortSignal): AsyncGenerator<Row> {
  try {
    for (let next = first; !next.done && !gone.aborted; next = await rows.next()) yield next.value
  } finally {
    await rows.return(undefined)
  }
}

// The reader closed the connection: theirs to do, and nothing to report.
function isAborted(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_UNABLE_TO_PIPE', 'ECONNRESET', 'EPIPE'].includes(String(error.code))
  )
}

// = + - @, also in their full-width forms and behind spaces, which spreadsheets drop; a tab or line break at the
// beginning moves what follows into a cell of its own. The same behind apostrophes gets one more, so that an import can take one
// off. `escape_formulas` of csv-stringify looks at the first character alone: the text "  =1+1" would run, and "'=1+1" would
// come back as "=1+1".
const formula = /^'*(?:[\t\r\n]|[\s\p{Cc}\p{Cf}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/u

/** The text with an apostrophe before it where a spreadsheet would run it (OWASP, CSV injection). */
export function escapeFormula(text: string): string {
  return formula.test(text) ? `'${text}` : text
}
