/** The whole file cannot be read: it lacks a column, or is not text. */
export class FileError extends Error {}

/** The limit of one record in bytes, the same as the limit of a request body. */
export const maxRecordBytes = 1_000_000

/** A record at the start of pending bytes. `length` is in bytes and includes the line break. */
export interface Cut<T> {
  length: number
  value: T
}

export const lf = 0x0a
export const cr = 0x0d

/** Replaces invalid UTF-16. 0xFF never occurs in UTF-8, so that its record is refused. */
const invalidByte = Buffer.from([0xff])

/**
 * Converts a text file from UTF-8 or UTF-16, with or without a byte order mark, to UTF-8. Throws FileError for UTF-32.
 * Invalid bytes are passed on, so that only their record is refused.
 */
export async function* asUtf8(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | undefined
  let rest: Buffer = Buffer.alloc(0)
  let half = ''
  for await (const chunk of chunks) {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    if (!encoding) {
      if (rest.length < 4) continue
      encoding = encodingOf(rest)
    }
    if (encoding === 'utf-8') {
      yield rest
      rest = Buffer.alloc(0)
      continue
    }
    const even = rest.length - (rest.length % 2)
    const text = half + decodeUtf16(rest.subarray(0, even), encoding)
    rest = rest.subarray(even)
    // Keep the first half of a surrogate pair until the second arrives.
    const cutAt = /[\uD800-\uDBFF]$/.test(text) ? text.length - 1 : text.length
    half = text.slice(cutAt)
    yield encodeUtf8(text.slice(0, cutAt))
  }
  if (half) yield invalidByte
  if (rest.length > 0) yield encoding && encoding !== 'utf-8' ? invalidByte : rest
}

function encodingOf(bytes: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const [first, second, third, fourth] = bytes
  if (
    (first === 0xff && second === 0xfe && third === 0 && fourth === 0) ||
    (first === 0 && second === 0 && third === 0xfe && fourth === 0xff)
  )
    throw new FileError('The file is in UTF-32; save it as UTF-8')
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  // A file starts with ASCII: `id`, `"id"` or `{"`.
  if (first !== 0 && second === 0 && third !== 0 && fourth === 0) return 'utf-16le'
  if (first === 0 && second !== 0 && third === 0 && fourth !== 0) return 'utf-16be'
  return 'utf-8'
}

function decodeUtf16(bytes: Buffer, encoding: 'utf-16le' | 'utf-16be'): string {
  return (encoding === 'utf-16le' ? bytes : Buffer.from(bytes).swap16()).toString('utf16le')
}

function encodeUtf8(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text)
  const parts = text.split(/(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])/)
  return Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [Buffer.from(part)] : [invalidByte, Buffer.from(part)])))
}

/**
 * Cuts a stream of bytes into records. `next` gets the pending bytes and whether the file ends with them, and returns undefined
 * while the first record is incomplete.
 */
export async function* cutRecords<T>(
  chunks: AsyncIterable<Buffer>,
  next: (pending: Buffer, isEnd: boolean) => Cut<T> | undefined
): AsyncGenerator<T> {
  let pending: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    pending = pending.length > 0 ? Buffer.concat([pending, chunk]) : chunk
    for (let cut = next(pending, false); cut; cut = pending.length > 0 ? next(pending, false) : undefined) {
      pending = pending.subarray(cut.length)
      yield cut.value
    }
  }
  while (pending.length > 0) {
    const cut = next(pending, true)!
    pending = pending.subarray(cut.length)
    yield cut.value
  }
}

/**
 * The first line break at or after `from`: LF, CR LF or CR. Undefined when there is none yet: a CR at the end of the pending
 * bytes may be half of a CR LF.
 */
export function findLineBreak(bytes: Buffer, from: number, isEnd: boolean): { at: number; length: number } | undefined {
  const at = nextBreak(bytes, from)
  if (at < 0) return
  if (bytes[at] === lf) return { at, length: 1 }
  if (at + 1 < bytes.length) return { at, length: bytes[at + 1] === lf ? 2 : 1 }
  return isEnd ? { at, length: 1 } : undefined
}

function nextBreak(bytes: Buffer, from: number): number {
  const line = bytes.indexOf(lf, from)
  const carriage = (line < 0 ? bytes : bytes.subarray(0, line)).indexOf(cr, from)
  return carriage >= 0 ? carriage : line
}

/** The number of line breaks in complete records. */
export function countLineBreaks(bytes: Buffer): number {
  let count = 0
  for (let found = findLineBreak(bytes, 0, true); found; found = findLineBreak(bytes, found.at + found.length, true)) count++
  return count
}

/** Decodes bytes without a leading byte order mark; undefined when they are not valid UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
