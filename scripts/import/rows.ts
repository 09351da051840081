import { parse } from 'csv-parse/sync'
import type { FileRecord } from './lines.ts'

/** One request of a file as it stands there: a value still to be validated, or why it cannot be read. */
export type Row = { line: number, value: unknown } | { line: number, problem: string, path?: string }

/** The file as a whole cannot be read: it lacks a column, or is not text. */
export class FileError extends Error {}

/** One JSON value a line (JSON Lines); empty lines are nothing. */
export async function* jsonRows(records: AsyncIterable<FileRecord>): AsyncGenerator<Row> {
  for await (const record of records) {
    if ('problem' in record) {
      yield record
    } else if (record.text.trim() !== '') {
      yield parseJson(record.line, record.text)
    }
  }
}

/**
 * Comma-separated values (RFC 4180) under a header line. An empty field is not given; `replies` holds JSON, `tags` JSON
 * or a list with commas, `requester` JSON or plain text. Throws FileError for a header without `id` or a title.
 */
export async function* csvRows(records: AsyncIterable<FileRecord>): AsyncGenerator<Row> {
  let columns: string[] | undefined
  for await (const record of records) {
    if ('problem' in record) {
      if (!columns) throw new FileError(`The header cannot be read: ${record.problem}`)
      yield record
    } else if (!columns) {
      columns = readHeader(record.text)
    } else if (record.text.trim() !== '') {
      yield readRow(record.line, record.text, columns)
    }
  }
  if (!columns) throw new FileError('The file is empty')
}

function readHeader(text: string): string[] {
  const cells = split(text)
  if (!Array.isArray(cells)) throw new FileError(`The header cannot be read: ${cells.problem}`)
  const columns = cells.map(cell => cell.trim().toLowerCase())
  const twice = columns.find((column, index) => columns.indexOf(column) !== index)
  if (twice !== undefined) throw new FileError(`The header has the column ${JSON.stringify(twice)} twice`)
  if (!columns.includes('id') || !(columns.includes('title') || columns.includes('subject'))) {
    throw new FileError(`The header needs the columns id and title (or subject), separated by commas; it has ${JSON.stringify(columns.join(', ').slice(0, 200))}`)
  }
  return columns
}

function readRow(line: number, text: string, columns: string[]): Row {
  const cells = split(text)
  if (!Array.isArray(cells)) return { line, problem: cells.problem }
  if (cells.length !== columns.length) return { line, problem: `Has ${cells.length} columns, the header has ${columns.length}` }
  const value: Record<string, unknown> = {}
  for (const [index, cell] of cells.entries()) {
    const column = columns[index]!
    if (cell === '') continue
    const read = readCell(column, cell)
    if (read === undefined) return { line, problem: 'Not valid JSON', path: column }
    value[column] = read
  }
  return { line, value }
}

// A cell is text: what a schema wants otherwise is made of it here. Undefined for JSON that is none.
function readCell(column: string, cell: string): unknown {
  if (column === 'severity' && /^\d{1,2}$/.test(cell)) return Number(cell)
  if (column === 'replies' || (['tags', 'requester'].includes(column) && /^\s*[[{]/.test(cell))) {
    const parsed = parseJson(0, cell)
    return 'value' in parsed ? parsed.value : undefined
  }
  return column === 'tags' ? cell.split(',').map(tag => tag.trim()).filter(tag => tag !== '') : cell
}

function split(text: string): string[] | { problem: string } {
  try {
    return parse(text, { bom: false, record_delimiter: [], relax_column_count: true, max_record_size: 0, to: 2 })[0] ?? []
  } catch (error) {
    return { problem: error instanceof Error ? error.message.replace(/ at line \d+/, '') : 'Not valid CSV' }
  }
}

function parseJson(line: number, text: string): Row {
  try {
    return { line, value: JSON.parse(text) as unknown }
  } catch {
    return { line, problem: 'Not valid JSON' }
  }
}
