import { asUtf8, FileError } from './bytes.ts'
import { readCsv } from './csv.ts'
import { splitLines } from './lines.ts'

export { FileError }

interface Lines {
  line: number
  lastLine?: number
}

/** One record of a file, not validated yet. */
export type ReadRow = Lines & { value: unknown }

/** One record of a file, or why it cannot be read. */
export type Row = ReadRow | (Lines & { problem: string; path?: string })

/** Iterates over the records of a file with a look-ahead of one. */
export class RowReader {
  /** The last line of the record that was taken last. */
  line = 0
  private readonly rows: AsyncGenerator<Row, undefined>
  private next: Promise<IteratorResult<Row, undefined>> | undefined

  constructor(rows: AsyncGenerator<Row, undefined>) {
    this.rows = rows
  }

  async peek(): Promise<Row | undefined> {
    this.next ??= this.rows.next()
    return (await this.next).value
  }

  /** Throws at the end of the file. */
  async take(): Promise<Row> {
    const row = await this.peek()
    if (!row) throw new Error('There is no further record')
    this.next = undefined
    this.line = row.lastLine ?? row.line
    return row
  }
}

/** Reads JSON Lines: one JSON value per line. Skips empty lines. */
export async function* jsonRows(chunks: AsyncIterable<Buffer>): AsyncGenerator<Row, undefined> {
  for await (const line of splitLines(asUtf8(chunks))) {
    if ('problem' in line) {
      yield line
    } else if (line.text.trim() !== '') {
      yield parseJson(line.line, line.text)
    }
  }
}

/**
 * Reads a CSV file with a header, see readCsv(). Empty cells are left out. `replies` holds JSON, `tags` JSON or a list with
 * commas, `requester` JSON or plain text. Throws FileError for a header without `id` and a title.
 */
export async function* csvRows(chunks: AsyncIterable<Buffer>): AsyncGenerator<Row, undefined> {
  let columns: string[] = []
  const records = readCsv(asUtf8(chunks), (cells, isLastTry) => {
    const names = cells.map(cell => cell.trim().toLowerCase())
    if (names.includes('id') && (names.includes('title') || names.includes('subject'))) {
      const duplicate = names.find((name, index) => name !== '' && names.indexOf(name) !== index)
      if (duplicate !== undefined) throw new FileError(`The header has the column ${JSON.stringify(duplicate)} twice`)
      return (columns = names)
    }
    if (isLastTry)
      throw new FileError(
        `The header needs the columns id and title (or subject), separated by commas, semicolons or tabs; it has ${JSON.stringify(names.join(', ').slice(0, 200))}`
      )
  })
  for await (const record of records) {
    if ('problem' in record) yield record
    else yield { lastLine: record.lastLine, ...readRow(record.line, record.cells, columns) }
  }
}

// Columns that identify the product's own CSV export, in which formulas are escaped and `replies` is a number.
const ownColumns = [
  'id',
  'number',
  'subject',
  'description',
  'type',
  'item',
  'assignee',
  'channel',
  'replies',
  'first_response_at',
  'snoozed_until'
]

// The apostrophe that escapeFormula() in server/utils/csv.ts puts before a formula.
const escapedFormula = /^'(?='*(?:[\t\r\n]|[\s\p{Cc}\p{Cf}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]))/u

function readRow(line: number, cells: string[], columns: string[]): Row {
  const value: Record<string, unknown> = {}
  const isOwn = ownColumns.every(column => columns.includes(column))
  for (const [index, cell] of cells.entries()) {
    const column = columns[index]!
    if (cell === '') continue
    const name = isOwn && column === 'replies' ? 'number of replies' : column
    const read = readCell(name, isOwn ? cell.replace(escapedFormula, '') : cell)
    if (read === undefined) return { line, problem: 'Not valid JSON', path: column }
    value[name] = read
  }
  if (!isOwn) return { line, value }
  const { type, item, ...rest } = value
  return { line, value: type === undefined ? rest : { ...rest, route: item === undefined ? [type] : [type, item] } }
}

// Converts the text of a cell to the type that the schema expects. Undefined for invalid JSON.
function readCell(column: string, cell: string): unknown {
  if (column === 'severity' && /^\d{1,2}$/.test(cell)) return Number(cell)
  if (column === 'replies' || (['tags', 'requester'].includes(column) && /^\s*[[{]/.test(cell))) {
    const parsed = parseJson(0, cell)
    return 'value' in parsed ? parsed.value : undefined
  }
  return column === 'tags'
    ? cell
        .split(',')
        .map(tag => tag.trim())
        .filter(tag => tag !== '')
    : cell
}

function parseJson(line: number, text: string): Row {
  try {
    return { line, value: JSON.parse(text) as unknown }
  } catch {
    return { line, problem: 'Not valid JSON' }
  }
}
