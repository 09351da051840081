import { cr, cutRecords, decodeUtf8, findLineBreak, maxRecordBytes, type Cut } from './bytes.ts'

/** One line of a file, counted from 1: its text, or why it cannot be read. */
export type Line = { line: number; text: string } | { line: number; problem: string }

/** Splits bytes into lines (LF, CR LF or CR). Holds one line at a time in memory, and none that is too long. */
export async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let line = 1
  let isSkipping = false // the rest of a line that is too long
  const next = (pending: Buffer, isEnd: boolean): Cut<Line | undefined> | undefined => {
    const found = findLineBreak(pending, 0, isEnd)
    const end = found?.at ?? pending.length
    // A CR at the end may be half of a CR LF.
    const length = found ? found.at + found.length : pending.length - (!isEnd && pending.at(-1) === cr ? 1 : 0)
    if (isSkipping) {
      isSkipping = !found
      return length > 0 ? { length, value: undefined } : undefined
    }
    if (!found && !isEnd && end <= maxRecordBytes) return
    const number = line++
    if (end > maxRecordBytes) {
      isSkipping = !found
      return { length, value: { line: number, problem: 'Longer than 1 MB' } }
    }
    const text = decodeUtf8(pending.subarray(0, end))
    return { length, value: text === undefined ? { line: number, problem: 'Not valid UTF-8' } : { line: number, text } }
  }
  for await (const record of cutRecords(chunks, next)) if (record) yield record
}
