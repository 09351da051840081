import { diffArrays, diffLines, diffWordsWithSpace } from 'diff'

// Only for components that load when they are shown: the library is not needed to write.

/** A part of a line; `isChanged` if the other text lacks it. */
export interface DiffPart {
  text: string
  isChanged: boolean
}

/** A line of a comparison, or the number of unchanged lines that are left out. */
export type DiffLine = { kind: 'same' | 'removed' | 'added'; parts: DiffPart[] } | { kind: 'skipped'; count: number }

const timeoutMs = 500 // a comparison of two very different texts is shown as one text instead of the other
const contextLines = 2

/** Compares two texts line by line. Changed lines show which of their words changed; long unchanged parts are left out. */
export function compareLines(before: string, after: string): DiffLine[] {
  const changes = diffLines(before, after, { stripTrailingCr: true, timeout: timeoutMs }) ?? [
    { value: before, removed: true, added: false, count: 0 },
    { value: after, removed: false, added: true, count: 0 }
  ]
  const lines: DiffLine[] = []
  for (const [index, { value, removed, added }] of changes.entries()) {
    const next = changes[index + 1]
    if (removed && next?.added) lines.push(...compareWords(value, next.value))
    else if (added && changes[index - 1]?.removed)
      continue // compared with what it replaces
    else if (removed || added) lines.push(...linesOf(value).map(text => line(removed ? 'removed' : 'added', [{ text, isChanged: false }])))
    else lines.push(...foldUnchanged(linesOf(value), { isFirst: index === 0, isLast: index === changes.length - 1 }))
  }
  return lines
}

/**
 * Combines two edits of the same text. Where only one of them changed a line, its line is taken. Where both did, both stay, theirs
 * first; `overlaps` counts those places.
 */
export function mergeTexts(base: string, mine: string, theirs: string): { text: string; overlaps: number } {
  const lines = splitLines(endLine(base))
  const [own, other] = [matchLines(lines, splitLines(endLine(mine))), matchLines(lines, splitLines(endLine(theirs)))]
  const merged: string[] = []
  let overlaps = 0
  let [from, ownFrom, otherFrom] = [0, 0, 0]
  for (let place = 0; place <= lines.length; place++) {
    const isEnd = place === lines.length
    const ownAt = isEnd ? own.lines.length : own.places[place]
    const otherAt = isEnd ? other.lines.length : other.places[place]
    if (ownAt === undefined || otherAt === undefined) continue // one of them changed this line
    const unchanged = lines.slice(from, place).join('')
    const [ownPart, otherPart] = [own.lines.slice(ownFrom, ownAt).join(''), other.lines.slice(otherFrom, otherAt).join('')]
    if (ownPart === unchanged || ownPart === otherPart) merged.push(otherPart)
    else if (otherPart === unchanged) merged.push(ownPart)
    else {
      merged.push(otherPart, ownPart)
      overlaps++
    }
    if (!isEnd) merged.push(lines[place]!)
    ;[from, ownFrom, otherFrom] = [place + 1, ownAt + 1, otherAt + 1]
  }
  const text = merged.join('')
  const [isEnded, ...edits] = [base, mine, theirs].map(each => each.endsWith('\n'))
  return { text: (edits.find(isEdit => isEdit !== isEnded) ?? isEnded) ? text : text.replace(/\r?\n$/, ''), overlaps }
}

// For each line of `base` its place in `lines`, if it is still there.
function matchLines(base: string[], lines: string[]): { lines: string[]; places: Record<number, number> } {
  const places: Record<number, number> = {}
  let [at, place] = [0, 0]
  // Without a result in time, every line counts as changed.
  for (const { value, added, removed } of diffArrays(base, lines, { timeout: timeoutMs }) ?? []) {
    if (!added && !removed) for (let step = 0; step < value.length; step++) places[at + step] = place + step
    if (!added) at += value.length
    if (!removed) place += value.length
  }
  return { lines, places }
}

function compareWords(before: string, after: string): DiffLine[] {
  const words = diffWordsWithSpace(before, after, { timeout: timeoutMs })
  const side = (kind: 'removed' | 'added', text: string) =>
    words
      ? splitParts(
          words.filter(part => !part[kind === 'removed' ? 'added' : 'removed']).map(part => ({ text: part.value, isChanged: part[kind] }))
        )
      : linesOf(text).map(value => [{ text: value, isChanged: true }])
  return [...side('removed', before).map(parts => line('removed', parts)), ...side('added', after).map(parts => line('added', parts))]
}

function splitParts(parts: DiffPart[]): DiffPart[][] {
  const lines: DiffPart[][] = [[]]
  for (const { text, isChanged } of parts) {
    for (const [index, piece] of text.split(/\r?\n/).entries()) {
      if (index > 0) lines.push([])
      if (piece) lines.at(-1)!.push({ text: piece, isChanged })
    }
  }
  if (lines.at(-1)!.length === 0) lines.pop() // what follows the last line break
  return lines
}

function foldUnchanged(lines: string[], { isFirst, isLast }: { isFirst: boolean; isLast: boolean }): DiffLine[] {
  const same = lines.map(text => line('same', [{ text, isChanged: false }]))
  const head = isFirst ? 0 : contextLines
  const tail = isLast ? 0 : contextLines
  const count = same.length - head - tail
  return count < 3 ? same : [...same.slice(0, head), { kind: 'skipped', count }, ...same.slice(same.length - tail)]
}

function line(kind: 'same' | 'removed' | 'added', parts: DiffPart[]): DiffLine {
  return { kind, parts }
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n/g) ?? []
}

function endLine(part: string): string {
  return part === '' || part.endsWith('\n') ? part : `${part}\n`
}
