import { countLineBreaks, cr, cutRecords, decodeUtf8, FileError, findLineBreak, lf, maxRecordBytes, type Cut } from './bytes.ts'
import { plural } from '../../shared/utils/plural.ts'

/** One record of a CSV file, in the lines from `line` to `lastLine`: its cells, or why it cannot be read. */
export type CsvRecord = { line: number; lastLine: number; cells: string[] } | { line: number; lastLine: number; problem: string }

const quote = 0x22
const space = 0x20
const backslash = 0x5c
const delimiters = [',', ';', '\t', '|'] as const
type Delimiter = (typeof delimiters)[number]

type Cell = { start: number; end: number; isQuoted: boolean }
type Parsed = { end: number; cells: Cell[] } | { problem: string } | 'unfinished'

/**
 * Reads a CSV file (RFC 4180), one record at a time, with any line break (LF, CR LF or CR). The delimiter is the one of the
 * header: comma, semicolon, tab or bar. Only a quote at the start of a cell is special, so that `24" screen` is a plain cell.
 * Empty lines are skipped. `readHeader` checks the first record: it returns undefined when that is not a header with this
 * delimiter, and throws FileError on the last try.
 *
 * Each line belongs to exactly one record. A broken record is refused for its first line only, because its end is unknown, and
 * reading resumes at the next line. The same happens to a record of several lines with the wrong number of cells when one of
 * these lines would be a valid record.
 */
export async function* readCsv(
  chunks: AsyncIterable<Buffer>,
  readHeader: (cells: string[], isLastTry: boolean) => string[] | undefined
): AsyncGenerator<CsvRecord> {
  let line = 1
  let delimiter: number | undefined
  let columns: number | undefined
  let isSkipping = false // the rest of a line that is too long

  const take = (
    bytes: Buffer,
    length: number,
    record: { cells: string[] } | { problem: string } | undefined
  ): Cut<CsvRecord | undefined> => {
    const first = line
    line += countLineBreaks(bytes.subarray(0, length))
    const isLineEnded = bytes[length - 1] === lf || bytes[length - 1] === cr
    return { length, value: record && { line: first, lastLine: isLineEnded ? line - 1 : line, ...record } }
  }
  const refuseFirstLine = (bytes: Buffer, isEnd: boolean, problem: string): Cut<CsvRecord | undefined> | undefined => {
    const found = findLineBreak(bytes, 0, isEnd)
    if (!columns) throw new FileError(`The header cannot be read: ${problem}`)
    if (found) return take(bytes, found.at + found.length, { problem })
    if (!isEnd && bytes.length <= maxRecordBytes) return
    isSkipping = !isEnd
    const length = bytes.length - (!isEnd && bytes.at(-1) === cr ? 1 : 0)
    return { length, value: { line, lastLine: line, problem } }
  }

  const next = (bytes: Buffer, isEnd: boolean): Cut<CsvRecord | undefined> | undefined => {
    if (isSkipping) {
      const found = findLineBreak(bytes, 0, isEnd)
      isSkipping = !found
      if (found) return take(bytes, found.at + found.length, undefined)
      const length = bytes.length - (!isEnd && bytes.at(-1) === cr ? 1 : 0)
      return length > 0 ? { length, value: undefined } : undefined
    }
    if (delimiter === undefined) {
      const found = findLineBreak(bytes, 0, isEnd)
      if (!found && !isEnd && bytes.length <= maxRecordBytes) return
      const firstLine = decodeUtf8(bytes.subarray(0, found?.at ?? Math.min(bytes.length, maxRecordBytes)))
      if (found && firstLine?.trim() === '') return take(bytes, found.at + found.length, undefined)
      const hint = /^sep=([,;\t|])$/i.exec(firstLine ?? '')?.[1] // Excel's delimiter hint
      if (found && hint) {
        delimiter = hint.charCodeAt(0)
        return take(bytes, found.at + found.length, undefined)
      }
      delimiter = (delimiters.find(one => isHeader(bytes, one, isEnd)) ?? delimiters[0]).charCodeAt(0)
    }
    const parsed = parseRecord(bytes, 0, delimiter, isEnd)
    if (parsed === 'unfinished') {
      if (bytes.length > maxRecordBytes) return refuseFirstLine(bytes, isEnd, 'Longer than 1 MB, or a quote that is never closed')
      return isEnd ? refuseFirstLine(bytes, isEnd, 'A quote is never closed') : undefined
    }
    if ('problem' in parsed) return refuseFirstLine(bytes, isEnd, parsed.problem)
    const record = bytes.subarray(0, parsed.end)
    if (parsed.end > maxRecordBytes) return refuseFirstLine(bytes, isEnd, 'Longer than 1 MB')
    const cells = parsed.cells.map(cell => readCell(bytes, cell))
    if (!cells.every(cell => cell !== undefined)) {
      if (!columns) throw new FileError('The header cannot be read: Not valid UTF-8')
      return take(bytes, parsed.end, { problem: 'Not valid UTF-8' })
    }
    if (cells.length === 1 && !parsed.cells[0]!.isQuoted && cells[0]!.trim() === '') return take(bytes, parsed.end, undefined)
    if (!columns) {
      columns = readHeader(cells, true)!.length
      return take(bytes, parsed.end, undefined)
    }
    if (cells.length !== columns) {
      const problem = `${plural(cells.length, 'Has 1 column', 'Has # columns')}, the header has ${columns}`
      return holdsRecord(record, delimiter, columns)
        ? refuseFirstLine(bytes, isEnd, `${problem}; is a quote never closed?`)
        : take(bytes, parsed.end, { problem })
    }
    return take(bytes, parsed.end, { cells })
  }

  /** Whether the first record is a header with this delimiter. */
  function isHeader(bytes: Buffer, candidate: Delimiter, isEnd: boolean): boolean {
    const parsed = parseRecord(bytes, 0, candidate.charCodeAt(0), isEnd)
    if (parsed === 'unfinished' || 'problem' in parsed) return false
    const cells = parsed.cells.map(cell => readCell(bytes, cell))
    return cells.every(cell => cell !== undefined) && readHeader(cells, false) !== undefined
  }

  for await (const record of cutRecords(chunks, next)) if (record) yield record
  if (!columns) throw new FileError('The file is empty')
}

/** Whether a line after the first one would be a valid record. */
function holdsRecord(record: Buffer, delimiter: number, columns: number): boolean {
  for (
    let found = findLineBreak(record, 0, true);
    found && found.at + found.length < record.length;
    found = findLineBreak(record, found.at + found.length, true)
  ) {
    const parsed = parseRecord(record, found.at + found.length, delimiter, true)
    if (parsed !== 'unfinished' && 'cells' in parsed && parsed.cells.length === columns) return true
  }
  return false
}

/** Parses the record at `start`. 'unfinished' when its end has not arrived, or a quote is not closed. */
function parseRecord(bytes: Buffer, start: number, delimiter: number, isEnd: boolean): Parsed {
  const cells: Cell[] = []
  let at = start
  if (at === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) at = 3
  for (;;) {
    const from = at
    while (bytes[at] === space) at++
    if (bytes[at] === quote) {
      const open = at + 1
      for (at = open; ; at++) {
        at = bytes.indexOf(quote, at)
        if (at < 0) return 'unfinished'
        if (bytes[at + 1] !== quote) break
        at++
      }
      cells.push({ start: open, end: at, isQuoted: true })
      const isEscaped = bytes[at - 1] === backslash
      at++
      while (bytes[at] === space) at++
      if (at < bytes.length && bytes[at] !== delimiter && bytes[at] !== lf && bytes[at] !== cr) {
        return {
          problem: isEscaped
            ? 'A quote inside of quotes is written twice, not behind a backslash'
            : 'A quote inside of quotes must be written twice'
        }
      }
    } else {
      at = from
      while (at < bytes.length && bytes[at] !== delimiter && bytes[at] !== lf && bytes[at] !== cr) at++
      cells.push({ start: from, end: at, isQuoted: false })
    }
    if (at < bytes.length && bytes[at] === delimiter) {
      at++
      continue
    }
    const found = findLineBreak(bytes, at, isEnd)
    if (found && found.at === at) return { end: at + found.length, cells }
    return isEnd ? { end: bytes.length, cells } : 'unfinished'
  }
}

function readCell(bytes: Buffer, { start, end, isQuoted }: Cell): string | undefined {
  const text = decodeUtf8(bytes.subarray(start, end))
  return isQuoted ? text?.replaceAll('""', '"') : text
}
