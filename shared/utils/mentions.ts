import type { TextFormat } from '../text-format'
import type { AmbiguousMention, Mention } from '../types/api'
import { foldCharacter } from './fold'

// The same pattern as in private.mentioned_ids().
const token = /<@([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})>/g
const tokenHere = new RegExp(token, 'y')

/** Shown for a mention of somebody who is not a member (any more). */
export const formerMember = '@former member'

// A mention starts a word. After these characters "@" belongs to an address or a path; a backslash escapes it.
const notBefore = /[\p{L}\p{N}\p{M}/\\@.=&#%+]$/u
const notAfter = /^_*[\p{L}\p{N}\p{M}@]/u
// Scripts without spaces between words: 请@Bob看一下.
const unspacedBefore =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー々〆]$/u
const unspacedAfter =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

/**
 * Replaces each `@Full Name` of `people` with the token `<@id>` that is stored. The longest matching name wins. Names inside
 * words, addresses, quotations and code stay text.
 */
export function encodeMentions(text: string, people: readonly Mention[]): string {
  if (!text.includes('@')) return text

  const names = namesOf(people)
  return replaceNames(text, 'markdown', at => longestName(names, text, at))
}

const maxAmbiguous = 20
const maxCandidates = 10

/**
 * Replaces names of `people` with tokens: `@Bob Tanaka`, `@bob tanaka`, and `@bob` if only one person matches. Ignores case,
 * accents and Unicode normalisation. The longest match wins, then a full name over the start of a longer one. Names that match
 * several people stay text and are returned as ambiguous.
 */
export function resolveMentions(
  text: string,
  format: TextFormat,
  people: readonly Mention[]
): { content: string; ambiguous: AmbiguousMention[] } {
  const ambiguous = new Map<string, AmbiguousMention>()
  if (!text.includes('@') || people.length === 0) return { content: text, ambiguous: [] }

  const root = nameTrieOf(people)
  const content = replaceNames(text, format, at => {
    const found = longestMatch(root, text, at)
    if (!found || found.people.length === 1) return found && { id: found.people[0]!.id, end: found.end }
    const written = text.slice(at, found.end)
    if (ambiguous.size < maxAmbiguous && !ambiguous.has(written)) {
      const candidates = found.people.toSorted((a, b) =>
        a.full_name < b.full_name ? -1 : a.full_name > b.full_name ? 1 : a.id < b.id ? -1 : 1
      )
      ambiguous.set(written, {
        text: written,
        candidates: candidates.slice(0, maxCandidates).map(({ id, full_name }) => ({ id, full_name }))
      })
    }
    return undefined
  })
  return { content, ambiguous: [...ambiguous.values()] }
}

/** Replaces each name that `nameAt` finds at an "@" with its token, where an "@" can start a mention. */
function replaceNames(text: string, format: TextFormat, nameAt: (at: number) => { id: string; end: number } | undefined): string {
  const ranges = ignoredRanges(text, format)
  let encoded = ''
  let done = 0
  for (let at = text.indexOf('@'), range = 0; at !== -1; at = text.indexOf('@', Math.max(at + 1, done))) {
    while (range < ranges.length && ranges[range]!.end <= at) range++
    const isIgnored = range < ranges.length && ranges[range]!.start <= at
    const before = text.slice(Math.max(0, at - 2), at)
    const isInside = notBefore.test(before) && !unspacedBefore.test(before)
    if (isIgnored || isInside || mentionAt(text, at - 1)) continue
    const found = nameAt(at)
    // 用户@bob.test is an address.
    if (!found || (notBefore.test(before) && /^[.-][\p{L}\p{N}]/u.test(text.slice(found.end, found.end + 3)))) continue
    encoded += `${text.slice(done, at)}<@${found.id}>`
    done = found.end
  }
  return encoded + text.slice(done)
}

/** Whether a name may end at `end`: at a word boundary, or before a script without spaces. */
function endsName(text: string, end: number): boolean {
  const after = text.slice(end, end + 4)
  return !notAfter.test(after) || unspacedAfter.test(after)
}

/** Replaces tokens with labels for editing; `encodeMentions` reverses it, except for mentions of others than `people`. */
export function decodeMentions(text: string, people: readonly Mention[]): string {
  const { labels } = namesOf(people)
  return text.replace(token, (_, id: string) => (labels.has(id) ? `@${labels.get(id)}` : formerMember))
}

/** Replaces tokens with names, for plain text; `unknown` stands for anybody who is not in `people`. */
export function mentionsAsText(text: string, people: readonly Mention[], unknown = formerMember): string {
  if (!text.includes('<@')) return text
  const names = fullNames(people)
  return text.replace(token, (_, id: string) => (names.has(id) ? `@${names.get(id)}` : unknown))
}

// Cached, because Markdown rendering needs it for every token.
const fullNamesCache = new WeakMap<readonly Mention[], Map<string, string>>()

function fullNames(people: readonly Mention[]): Map<string, string> {
  const names = fullNamesCache.get(people) ?? new Map(people.map(({ id, full_name }) => [id, full_name]))
  fullNamesCache.set(people, names)
  return names
}

/** The distinct ids of the tokens, in order. They are not checked against members. */
export function mentionedIds(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(token), match => match[1]!))]
}

/** The tokens of a stored text with their positions. */
export function mentionTokens(text: string): { id: string; start: number; end: number }[] {
  return Array.from(text.matchAll(token), match => ({ id: match[1]!, start: match.index, end: match.index + match[0].length }))
}

/** The token that starts at `at`. */
export function mentionAt(text: string, at: number): { id: string; end: number } | undefined {
  tokenHere.lastIndex = at
  const id = tokenHere.exec(text)?.[1]
  return id === undefined ? undefined : { id, end: tokenHere.lastIndex }
}

/** The text after the "@" for each of `people`, by id: the name, with a number if others have the same name. */
export function mentionLabels(people: readonly Mention[]): ReadonlyMap<string, string> {
  return namesOf(people).labels
}

interface LabelNode {
  id?: string
  next: Map<string, LabelNode>
}

interface Names {
  labels: Map<string, string>
  root: LabelNode
}

// Cached, because every key press needs it; a changed list of people is another array.
const namesCache = new WeakMap<readonly Mention[], Names>()

function namesOf(people: readonly Mention[]): Names {
  const before = namesCache.get(people)
  if (before) return before

  const names: Names = { labels: new Map(), root: { next: new Map() } }
  const fullNames = new Set(people.map(({ full_name }) => full_name))
  const numbers = new Map<string, number>()
  // By id, so that every device assigns the same numbers.
  for (const { id, full_name } of [...people].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    let number = (numbers.get(full_name) ?? 0) + 1
    while (number > 1 && fullNames.has(numberedName(full_name, number))) number++
    numbers.set(full_name, number)
    names.labels.set(id, numberedName(full_name, number))
    addLabel(names.root, numberedName(full_name, number), id)
  }
  namesCache.set(people, names)
  return names
}

function numberedName(name: string, number: number): string {
  return number === 1 ? name : `${name} (${number})`
}

function addLabel(root: LabelNode, label: string, id: string): void {
  let letter = root
  for (const character of label) {
    const next = letter.next.get(character) ?? { next: new Map<string, LabelNode>() }
    letter.next.set(character, next)
    letter = next
  }
  letter.id = id
}

/** The longest label that starts after the "@" at `at` and ends at a word boundary. */
function longestName({ root }: Names, text: string, at: number): { id: string; end: number } | undefined {
  let found: { id: string; end: number } | undefined
  let letter: LabelNode | undefined = root
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

/** A trie node: the people whose full name ends here (`whole`), and those whose longer name starts with the words up to here. */
interface NameNode {
  whole: Mention[]
  startingHere: Mention[]
  next: Map<string, NameNode>
}

// Limits the cost of a common first name, which is ambiguous anyway.
const maxPeoplePerNode = 100

const nameTrieCache = new WeakMap<readonly Mention[], NameNode>()

function nameTrieOf(people: readonly Mention[]): NameNode {
  const before = nameTrieCache.get(people)
  if (before) return before

  const root = nameNode()
  for (const person of people) {
    let letter = root
    let isWord = false
    for (const character of foldName(person.full_name.trim())) {
      if (character === ' ' && isWord && letter.startingHere.length < maxPeoplePerNode) letter.startingHere.push(person)
      isWord = character !== ' '
      let next = letter.next.get(character)
      if (!next) letter.next.set(character, (next = nameNode()))
      letter = next
    }
    if (letter !== root && letter.whole.length < maxPeoplePerNode) letter.whole.push(person)
  }
  nameTrieCache.set(people, root)
  return root
}

function nameNode(): NameNode {
  return { whole: [], startingHere: [], next: new Map() }
}

function foldName(name: string): string {
  return Array.from(name, foldCharacter).join('').replace(/\s+/gu, ' ')
}

/** The longest name, folded, that starts after the "@" at `at`, and the people who match it. */
function longestMatch(root: NameNode, text: string, at: number): { people: Mention[]; end: number } | undefined {
  let found: { people: Mention[]; end: number } | undefined
  let letter: NameNode | undefined = root
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

/** Ranges in which an "@" mentions nobody: quotations, and code in Markdown. Sorted, without overlaps. */
function ignoredRanges(text: string, format: TextFormat): Range[] {
  const lines = ignoredLines(text, format)
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

/** Lines of quotations and of indented code: four columns, in a list four more than the text of the item. */
function ignoredLines(text: string, format: TextFormat): Range[] {
  const ranges: Range[] = []
  let content = 0 // the column at which the text of the list item starts
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

/** Code in Markdown: fenced blocks and spans between backticks. */
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

// A fence can follow the markers of quotes and lists. The info string of a backtick fence has no backticks.
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

/** Spans between backtick runs of equal length, within a paragraph. */
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
