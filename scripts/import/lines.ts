/** One record of a file: its text, or why there is none. `line` is its first line, counted from 1. */
export type FileRecord = { line: number, text: string } | { line: number, problem: string }

/** What the routes accept as a body, and what one record may be: bytes. */
export const maxRecordBytes = 1_000_000

const newline = 0x0A
const quote = 0x22

/**
 * Splits bytes into records that end with a line break (LF or CR LF), holding one record at a time. With `quoted`, a
 * line break between double quotes belongs to its record, as RFC 4180 has it. What is not UTF-8, longer than 1 MB or
 * never closes its quote is a problem of its own line; the next line is read again.
 */
export async function* splitRecords(chunks: AsyncIterable<Buffer>, { quoted }: { quoted: boolean }): AsyncGenerator<FileRecord> {
  let pending: Buffer = Buffer.alloc(0)
  let line = 1
  let scanned = 0
  let isOpen = false // between quotes
  let isDiscarding = false // inside a record that is too long

  const take = (end: number): Buffer => {
    const bytes = pending.subarray(0, end)
    pending = pending.subarray(end + 1)
    scanned = 0
    isOpen = false
    return bytes
  }
  // Position of the line break that ends the first pending record, -1 while it is not there yet.
  const recordEnd = (): number => {
    if (!quoted || isDiscarding) return pending.indexOf(newline, scanned)
    for (; scanned < pending.length; scanned++) {
      const byte = pending[scanned]
      if (byte === quote) isOpen = !isOpen
      else if (byte === newline && !isOpen) return scanned
    }
    return -1
  }
  // A quote that nobody closes must not cost more than the line it stands in.
  const refuseFirstLine = (problem: string): FileRecord => {
    const end = pending.indexOf(newline)
    take(end < 0 ? pending.length : end)
    isDiscarding = end < 0
    return { line: end < 0 ? line : line++, problem }
  }

  for await (const chunk of chunks) {
    pending = pending.length > 0 ? Buffer.concat([pending, chunk]) : chunk
    for (;;) {
      const end = recordEnd()
      const length = end < 0 ? pending.length : end
      if (isDiscarding) {
        take(length)
        if (end < 0) break
        isDiscarding = false
        line++
      } else if (length > maxRecordBytes) {
        if (end >= 0 && !pending.subarray(0, end).includes(newline)) {
          take(end)
          yield { line: line++, problem: 'Longer than 1 MB' }
        } else {
          yield refuseFirstLine(isOpen || quoted ? 'Longer than 1 MB, or a quote that is never closed' : 'Longer than 1 MB')
        }
      } else if (end < 0) {
        if (!quoted) scanned = pending.length
        break
      } else {
        const bytes = take(end)
        yield decode(bytes, line)
        line += 1 + count(bytes)
      }
    }
  }
  while (!isDiscarding && pending.length > 0) {
    const end = recordEnd()
    if (end < 0 && isOpen) {
      yield refuseFirstLine('A quote is never closed')
      continue
    }
    const bytes = take(end < 0 ? pending.length : end)
    yield decode(bytes, line)
    line += 1 + count(bytes)
  }
}

function decode(bytes: Buffer, line: number): FileRecord {
  try {
    return { line, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r$/, '') }
  } catch {
    return { line, problem: 'Not valid UTF-8' }
  }
}

function count(bytes: Buffer): number {
  let breaks = 0
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) breaks++
  return breaks
}
