/** A part of a text field, as indexes of its value. */
export interface TextRange {
  start: number
  end: number
}

/** A change of a text field: `text` replaces the range, and `select` is selected afterwards. */
export interface TextEdit extends TextRange {
  text: string
  select: TextRange
}

/** The marks of the toolbar around a text of one line. */
export type TextMark = '**' | '*' | '`' | '~~'

/** The blocks that change the beginning of lines. */
export type LineBlock = 'heading' | 'subheading' | 'bullets' | 'numbers' | 'quote'

const placeholders: Record<TextMark, string> = { '**': 'bold text', '*': 'italic text', '`': 'code', '~~': 'deleted text' }
const listMark = /^([ \t]*)(?:[-*+]|\d{1,9}[.)])[ \t]+/
const linePatterns: Record<LineBlock, { has: RegExp; replaces: RegExp; prefix: (place: number) => string }> = {
  heading: { has: /^## /, replaces: /^#{1,6}[ \t]+/, prefix: () => '## ' },
  subheading: { has: /^### /, replaces: /^#{1,6}[ \t]+/, prefix: () => '### ' },
  bullets: { has: /^[ \t]*[-*+][ \t]+/, replaces: listMark, prefix: () => '- ' },
  numbers: { has: /^[ \t]*\d{1,9}[.)][ \t]+/, replaces: listMark, prefix: place => `${place}. ` },
  quote: { has: /^> ?/, replaces: /^(?!)/, prefix: () => '> ' }
}

/** Sets a mark around the selection, or removes it. Blanks at its ends stay outside, because Markdown ignores marks beside blanks. */
export function toggleMark(value: string, range: TextRange, mark: TextMark): TextEdit {
  const { start, end } = withoutBlankEnds(value, range)
  const inner = value.slice(start, end)
  const outside = Math.min(countBefore(value, start, mark[0]!), countAfter(value, end, mark[0]!))
  if (inner && hasMark(outside, mark))
    return { start: start - mark.length, end: end + mark.length, text: inner, select: shiftRange({ start, end }, -mark.length) }
  const within = Math.min(countAfter(inner, 0, mark[0]!), countBefore(inner, inner.length, mark[0]!))
  if (inner.length > 2 * mark.length && hasMark(within, mark)) {
    const text = inner.slice(mark.length, -mark.length)
    return { start, end, text, select: { start, end: start + text.length } }
  }
  const text = inner || placeholders[mark]
  return { start, end, text: mark + text + mark, select: { start: start + mark.length, end: start + mark.length + text.length } }
}

/** Makes the lines of the selection a heading, a list or a quote, or takes that back if all of them are one. */
export function toggleLines(value: string, range: TextRange, block: LineBlock): TextEdit {
  const { has, replaces, prefix } = linePatterns[block]
  const { start, end } = wholeLines(value, range)
  const lines = value.slice(start, end).split('\n')
  const filled = lines.filter(line => line.trim() !== '')
  const isSet = filled.length > 0 && filled.every(line => has.test(line))
  let place = 0
  const changed = lines.map(line => {
    if (line.trim() === '' && lines.length > 1) return line
    return isSet ? line.replace(has, '') : prefix(++place) + line.replace(replaces, '')
  })
  const text = changed.join('\n')
  // A cursor stays behind what it was behind; a selection grows to the lines that changed.
  const cursor = Math.max(start, range.end + text.length - (end - start))
  return { start, end, text, select: range.start === range.end ? { start: cursor, end: cursor } : { start, end: start + text.length } }
}

/** Code: a mark within a line, a fenced block around several lines. */
export function toggleCode(value: string, range: TextRange): TextEdit {
  if (!value.slice(range.start, range.end).includes('\n')) return toggleMark(value, range, '`')
  const { start, end } = wholeLines(value, range)
  const code = value.slice(start, end)
  // The fence is longer than any within.
  const longest = Math.max(2, ...[...code.matchAll(/^ {0,3}(`{3,})/gm)].map(([, ticks]) => ticks!.length))
  const fence = '`'.repeat(longest + 1)
  return {
    start,
    end,
    text: `${fence}\n${code}\n${fence}`,
    select: { start: start + fence.length + 1, end: start + fence.length + 1 + code.length }
  }
}

/** A link with the selection as its text, or, if that is an address, as its target. The part that is missing is selected. */
export function insertLink(value: string, range: TextRange): TextEdit {
  const { start, end } = withoutBlankEnds(value, range)
  const selected = value.slice(start, end)
  if (/^(?:https?:\/\/|mailto:)\S+$/.test(selected))
    return { start, end, text: `[text](${selected})`, select: { start: start + 1, end: start + 5 } }
  const label = (selected || 'text').replace(/[[\]]/g, '\\$&')
  const target = start + label.length + 3
  return { start, end, text: `[${label}](https://)`, select: { start: target, end: target + 8 } }
}

/** Inserts a block with an empty line before and after it. `select` is the part of the block to select; by default its end. */
export function insertBlock(value: string, range: TextRange, block: string, select?: TextRange): TextEdit {
  const before = value.slice(0, range.start)
  const after = value.slice(range.end)
  const lead = before.trimEnd() === '' || /\n\n$/.test(before) ? '' : before.endsWith('\n') ? '\n' : '\n\n'
  const trail = after === '' ? '\n' : after.startsWith('\n\n') ? '' : after.startsWith('\n') ? '\n' : '\n\n'
  const offset = range.start + lead.length
  return { ...range, text: lead + block + trail, select: shiftRange(select ?? { start: block.length, end: block.length }, offset) }
}

/** What Enter does at the end of a list item: begins the next item, or ends the list if the item is empty. Null elsewhere. */
export function continueList(value: string, { start, end }: TextRange): TextEdit | null {
  const lineStart = value.lastIndexOf('\n', start - 1) + 1
  const line = value.slice(lineStart, start)
  const item = /^([ \t]*)(?:([-*+])|(\d{1,9})([.)]))([ \t]+)/.exec(line)
  if (!item || start !== end || (start < value.length && value[start] !== '\n')) return null
  const [marker, indent, bullet, number, delimiter, gap] = item
  // An empty line ends the list: text below an item would belong to it.
  if (line === marker) return { start: lineStart, end, text: '\n', select: { start: lineStart + 1, end: lineStart + 1 } }
  const text = `\n${indent}${bullet ?? `${Number(number) + 1}${delimiter}`}${gap}`
  return { start, end, text, select: { start: start + text.length, end: start + text.length } }
}

/** A text as a text field shows it: its line breaks are line feeds. */
export function asShown(stored: string): string {
  return stored.replace(/\r\n?/g, '\n')
}

/**
 * The text to store after somebody edited what a text field shows. Line breaks of the stored text stay as they are wherever nobody
 * edited; new ones are like the first one of the text.
 */
export function keepLineBreaks(stored: string, shown: string): string {
  const before = asShown(stored)
  if (before === stored || before === shown) return before === shown ? stored : shown
  let start = 0
  while (start < before.length && start < shown.length && before[start] === shown[start]) start++
  let kept = 0
  const most = Math.min(before.length, shown.length) - start
  while (kept < most && before[before.length - 1 - kept] === shown[shown.length - 1 - kept]) kept++
  const lineBreak = /\r\n?|\n/.exec(stored)![0]
  const inserted = shown.slice(start, shown.length - kept).replaceAll('\n', lineBreak)
  return stored.slice(0, storedIndex(stored, start)) + inserted + stored.slice(storedIndex(stored, before.length - kept))
}

// The index in the stored text of a character that is shown.
function storedIndex(stored: string, shownIndex: number): number {
  let index = 0
  for (let shown = 0; shown < shownIndex; shown++) index += stored.startsWith('\r\n', index) ? 2 : 1
  return index
}

function wholeLines(value: string, { start, end }: TextRange): TextRange {
  const from = value.lastIndexOf('\n', start - 1) + 1
  // A selection that ends at the beginning of a line does not include that line.
  const last = end > start && value[end - 1] === '\n' ? end - 1 : end
  const to = value.indexOf('\n', last)
  return { start: from, end: to < 0 ? value.length : to }
}

function withoutBlankEnds(value: string, { start, end }: TextRange): TextRange {
  const selected = value.slice(start, end)
  if (selected.trim() === '') return { start, end: start }
  return { start: start + (selected.length - selected.trimStart().length), end: end - (selected.length - selected.trimEnd().length) }
}

// "***" is bold and italic: one asterisk or three hold the mark of italic text, two or more that of bold text.
function hasMark(count: number, mark: TextMark): boolean {
  return mark === '*' ? count === 1 || count === 3 : count >= mark.length
}

function countBefore(value: string, end: number, character: string): number {
  let count = 0
  while (count < end && value[end - 1 - count] === character) count++
  return count
}

function countAfter(value: string, start: number, character: string): number {
  let count = 0
  while (value[start + count] === character) count++
  return count
}

function shiftRange({ start, end }: TextRange, by: number): TextRange {
  return { start: start + by, end: end + by }
}
