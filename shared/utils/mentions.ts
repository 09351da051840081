import type { TextFormat } from '../text-format'
import type { AmbiguousMention, Mention } from '../types/api'
import { foldCharacter } from './fold'

// As private.mentioned_ids() reads them.
const token = /<@([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})>/g
const tokenHere = new RegExp(token, 'y')

/** How a text names somebody who is no member, and never was or is not any more. */
export const formerMember = '@former member'

// A mention begins a word. After these signs it is part of an address or a path, and after a backslash it is meant as text.
const notBefore = /[\p{L}\p{N}\p{M}/\\@.=&#%+]$/u
const notAfter = /^_*[\p{L}\p{N}\p{M}@]/u
// Written without spaces between words: 请@Bob看一下.
const unspacedBefore =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー々〆]$/u
const unspacedAfter =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

/**
 * What people write as `@Full Name` as it is stored: with a token `<@id>` for each of `people`. The longest name counts;
 * names inside words, addresses, quotations and code stay text.
 */
export function encodeMentions(text: string, people: readonly Mention[]): string {
  if (!text.includes('@')) return text

  const names = namesOf(people)
  return replaceNames(text, 'markdown', at => longestName(names, text, at))
}

const mostAmbiguous = 20
const mostCandidates = 10

/**
 * A text with a token for everybody of `people` whom it names: `@Bob Tanaka`, `@bob tanaka`, and `@bob` where one person
 * alone is called so. Case, accents and the form of Unicode do not count, a whole name goes before the beginning of a longer
 * one, and the longest that fits goes before both. Names that several people have stay text and are reported.
 */
export function resolveMentions(
  text: string,
  format: TextFormat,
  people: readonly Mention[]
): { content: string; ambiguous: AmbiguousMention[] } {
  const ambiguous = new Map<string, AmbiguousMention>()
  if (!text.includes('@') || people.length === 0) return { content: text, ambiguous: [] }

  const root = callNamesOf(people)
  const content = replaceNames(text, format, at => {
    const found = longestCall(root, text, at)
    if (!found || found.people.length === 1) return found && { id: found.people[0]!.id, end: found.end }
    const written = text.slice(at, found.end)
    if (ambiguous.size < mostAmbiguous && !ambiguous.has(written)) {
      const candidates = found.people.toSorted((a, b) =>
        a.full_name < b.full_name ? -1 : a.full_name > b.full_name ? 1 : a.id < b.id ? -1 : 1
      )
      ambiguous.set(written, {
        text: written,
        candidates: candidates.slice(0, mostCandidates).map(({ id, full_name }) => ({ id, full_name }))
      })
    }
    return undefined
  })
  return { content, ambiguous: [...ambiguous.values()] }
}

/** Puts a token in the place of each name that `nameAt` finds at an "@" which may begin a mention. */
function replaceNames(text: string, format: TextFormat, nameAt: (at: number) => { id: string; end: number } | undefined): string {
  const ranges = silentRanges(text, format)
  let encoded = ''
  let done = 0
  for (let at = text.indexOf('@'), range = 0; at !== -1; at = text.indexOf('@', Math.max(at + 1, done))) {
    while (range < ranges.length && ranges[range]!.end <= at) range++
    const isSilent = range < ranges.length && ranges[range]!.start <= at
    const before = text.slice(Math.max(0, at - 2), at)
    const isInside = notBefore.test(before) && !unspacedBefore.test(before)
    if (isSilent || isInside || mentionAt(text, at - 1)) continue
    const found = nameAt(at)
    // 用户@bob.test is an address.
    if (!found || (notBefore.test(before) && /^[.-][\p{L}\p{N}]/u.test(text.slice(found.end, found.end + 3)))) continue
    encoded += `${text.slice(done, at)}<@${found.id}>`
    done = found.end
  }
  return encoded + text.slice(done)
}

/** Whether a name may end at `end`: with a word, or before one of a script that has no spaces. */
function endsName(text: string, end: number): boolean {
  const after = text.slice(end, end + 4)
  return !notAfter.test(after) || unspacedAfter.test(after)
}

/** A stored text as people edit it: `encodeMentions` makes the same of it again, but for those who are none of `people`. */
export function decodeMentions(text: string, people: readonly Mention[]): string {
  const { labels } = namesOf(people)
  return text.replace(token, (_, id: string) => (labels.has(id) ? `@${labels.get(id)}` : formerMember))
}

/** A stored text for places that show no more than text; `unknown` stands for whoever is none of `people`. */
export function mentionsAsText(text: string, people: readonly Mention[], unknown = formerMember): string {
  if (!text.includes('<@')) return text
  const names = fullNames(people)
  return text.replace(token, (_, id: string) => (names.has(id) ? `@${names.get(id)}` : unknown))
}

// Asked for with every piece of a text in Markdown.
const fullNamesOf = new WeakMap<readonly Mention[], Map<string, string>>()

function fullNames(people: readonly Mention[]): Map<string, string> {
  const names = fullNamesOf.get(people) ?? new Map(people.map(({ id, full_name }) => [id, full_name]))
  fullNamesOf.set(people, names)
  return names
}

/** Whom the tokens of a stored text name, each once, in its order. They may be strangers. */
export function mentionedIds(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(token), match => match[1]!))]
}

/** The tokens of a stored text, and where they stand. */
export function mentionTokens(text: string): { id: string; start: number; end: number }[] {
  return Array.from(text.matchAll(token), match => ({ id: match[1]!, start: match.index, end: match.index + match[0].length }))
}

/** The token that begins at `at` in a stored text. */
export function mentionAt(text: string, at: number): { id: string; end: number } | undefined {
  tokenHere.lastIndex = at
  const id = tokenHere.exec(text)?.[1]
  return id === undefined ? undefined : { id, end: tokenHere.lastIndex }
}

/** What to write after the "@" for each of `people`, by id: the name, and a number behind it where others have the same. */
export function mentionLabels(people: readonly Mention[]): ReadonlyMap<string, string> {
  return namesOf(people).labels
}

interface Letter {
  id?: string
  next: Map<string, Letter>
}

interface Names {
  labels: Map<string, string>
  root: Letter
}

// Asked for with every key that is pressed; a list of people that has changed is another one.
const known = new WeakMap<readonly Mention[], Names>()

function namesOf(people: readonly Mention[]): Names {
  const before = known.get(people)
  if (before) return before

  const names: Names = { labels: new Map(), root: { next: new Map() } }
  const fullNames = new Set(people.map(({ full_name }) => full_name))
  const numbers = new Map<string, number>()
  // By id, so that every device numbers namesakes alike.
  for (const { id, full_name } of [...people].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    let number = (numbers.get(full_name) ?? 0) + 1
    while (number > 1 && fullNames.has(numberedName(full_name, number))) number++
    numbers.set(full_name, number)
    names.labels.set(id, numberedName(full_name, number))
    spell(names.root, numberedName(full_name, number), id)
  }
  known.set(people, names)
  return names
}

function numberedName(name: string, number: number): string {
  return number === 1 ? name : `${name} (${number})`
}

function spell(root: Letter, label: string, id: string): void {
  let letter = root
  for (const character of label) {
    const next = letter.next.get(character) ?? { next: new Map<string, Letter>() }
    letter.next.set(character, next)
    letter = next
  }
  letter.id = id
}

/** The longest of the names that begins after the "@" at `at` and ends with a word. */
function longestName({ root }: Names, text: string, at: number): { id: string; end: number } | undefined {
  let found: { id: string; end: number } | undefined
  let letter: Letter | undefined = root
  let end = at + 1
  while (letter) {
    if (letter.id !== undefined && endsName(text, end)) found = { id: letter.id, end }
    if (end >= text.length) break
    const character = String.fromCodePoint(text.codePointAt(end)!)
    letter = letter.next.get(character)
    end += character.length
  }
  return found
}

/** Who is called so by their whole name, and whose longer name begins so. */
interface CallLetter {
  whole: Mention[]
  startingHere: Mention[]
  next: Map<string, CallLetter>
}

// Beyond them a common first name costs more than it says.
const mostCalled = 100

const called = new WeakMap<readonly Mention[], CallLetter>()

function callNamesOf(people: readonly Mention[]): CallLetter {
  const before = called.get(people)
  if (before) return before

  const root = callLetter()
  for (const person of people) {
    let letter = root
    let isWord = false
    for (const character of foldName(person.full_name.trim())) {
      if (character === ' ' && isWord && letter.startingHere.length < mostCalled) letter.startingHere.push(person)
      isWord = character !== ' '
      let next = letter.next.get(character)
      if (!next) letter.next.set(character, (next = callLetter()))
      letter = next
    }
    if (letter !== root && letter.whole.length < mostCalled) letter.whole.push(person)
  }
  called.set(people, root)
  return root
}

function callLetter(): CallLetter {
  return { whole: [], startingHere: [], next: new Map() }
}

function foldName(name: string): string {
  return Array.from(name, foldCharacter).join('').replace(/\s+/gu, ' ')
}

/** The longest name that begins after the "@" at `at`, in whatever case and form of Unicode, and who are called so. */
function longestCall(root: CallLetter, text: string, at: number): { people: Mention[]; end: number } | undefined {
  let found: { people: Mention[]; end: number } | undefined
  let letter: CallLetter | undefined = root
  let end = at + 1
  while (letter && end < text.length) {
    const character = String.fromCodePoint(text.codePointAt(end)!)
    for (const part of foldCharacter(character)) letter = letter?.next.get(part)
    end += character.length
    if (!letter) break
    const people = letter.whole.length > 0 ? letter.whole : letter.startingHere
    if (people.length > 0 && endsName(text, end)) found = { people, end }
  }
  return found
}

interface Range {
  start: number
  end: number
}

/** Where an "@" mentions nobody: in quotations, and in the code of a text in Markdown. In its order, without overlaps. */
function silentRanges(text: string, format: TextFormat): Range[] {
  const lines = silentLines(text, format)
  if (format === 'text') return lines
  const ranges: Range[] = []
  for (const range of [...codeRanges(text), ...lines].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = ranges.at(-1)
    if (last && range.start < last.end) last.end = Math.max(last.end, range.end)
    else ranges.push({ ...range })
  }
  return ranges
}

const quotation = /^ {0,3}(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*>/
const plainQuotation = /^[ \t]*>/
const listItem = /^([ \t]*)((?:[-*+]|\d{1,9}[.)])[ \t]+)/

/** Lines of quotations, and of code that is set apart by four columns, within a list by four more than its text. */
function silentLines(text: string, format: TextFormat): Range[] {
  const ranges: Range[] = []
  let content = 0 // the column where the text of the list begins
  let mayBeCode = true // code does not interrupt a paragraph
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start) + 1 || text.length
    const line = text.slice(start, end)
    if (format === 'text') {
      if (plainQuotation.test(line)) ranges.push({ start, end })
      start = end
      continue
    }
    const isBlank = line.trim() === ''
    const indent = isBlank ? 0 : columns(/^[ \t]*/.exec(line)![0])
    const item = listItem.exec(line)
    if (!isBlank && mayBeCode && indent >= content + 4) {
      ranges.push({ start, end })
    } else if (!isBlank) {
      if (quotation.test(line)) ranges.push({ start, end })
      if (item && indent < content + 4) content = columns(item[0])
      else if (indent < content && mayBeCode) content = 0
      mayBeCode = false
    }
    if (isBlank) mayBeCode = true
    start = end
  }
  return ranges
}

function columns(space: string): number {
  let column = 0
  for (const character of space) column += character === '\t' ? 4 - (column % 4) : 1
  return column
}

/** Where code stands in a text in Markdown: fenced blocks, and spans between backticks. */
function codeRanges(text: string): Range[] {
  if (!text.includes('`') && !text.includes('~~~')) return []
  const fences = fencedBlocks(text)
  const ranges: Range[] = []
  let from = 0
  for (const fence of [...fences, { start: text.length, end: text.length }]) {
    ranges.push(...codeSpans(text, from, fence.start), fence)
    from = fence.end
  }
  return ranges
}

// A fence opens after the marks of quotes and lists; what follows backticks there holds none.
const fenceOpening = /^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:(`{3,})[^`]*|(~{3,}).*)$/
const fenceClosing = /^[ \t>]*(`{3,}|~{3,})[ \t]*$/

function fencedBlocks(text: string): Range[] {
  const blocks: Range[] = []
  let open: { start: number; fence: string } | undefined
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start) + 1 || text.length
    const line = text.slice(start, end).trimEnd()
    if (!open) {
      const opening = fenceOpening.exec(line)
      if (opening) open = { start, fence: opening[1] ?? opening[2]! }
    } else if (fenceClosing.exec(line)?.[1]?.startsWith(open.fence)) {
      blocks.push({ start: open.start, end })
      open = undefined
    }
    start = end
  }
  return open ? [...blocks, { start: open.start, end: text.length }] : blocks
}

/** Spans between equally many backticks, within a paragraph. */
function codeSpans(text: string, from: number, to: number): Range[] {
  const spans: Range[] = []
  let paragraph = from
  for (const part of text.slice(from, to).split(/(?<=\n)(?=[ \t]*\n)/)) {
    const runs = Array.from(part.matchAll(/`+/g), ({ 0: { length }, index }) => ({ start: index, length }))
    for (let opener = 0; opener < runs.length; opener++) {
      const escaped = isEscaped(part, runs[opener]!.start) ? 1 : 0
      const length = runs[opener]!.length - escaped
      if (length === 0) continue
      let closer = opener + 1
      while (closer < runs.length && runs[closer]!.length !== length) closer++
      if (closer === runs.length) continue
      spans.push({ start: paragraph + runs[opener]!.start + escaped, end: paragraph + runs[closer]!.start + length })
      opener = closer
    }
    paragraph += part.length
  }
  return spans
}

function isEscaped(text: string, at: number): boolean {
  let start = at
  while (text[start - 1] === '\\') start--
  return (at - start) % 2 === 1
}
