import type { SearchTerm } from './search-query'

/** A stretch of a text, marked where it is what was searched for. */
export interface Piece { text: string, marked: boolean }

interface Match { start: number, end: number, term: number }

// Folded as private.search_text() folds: case, compatibility forms, accents, vowel points and zero-width characters.
const ignored = /[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u00ad\u0640\u200b-\u200f\u2060\ufeff]/gu
const wordCharacter = '[\\p{L}\\p{N}\\p{M}]'
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

/** The whole text in pieces. */
export function highlight(text: string, terms: SearchTerm[]): Piece[] {
  return cut(text, matchesIn(text, terms), 0, text.length)
}

/** About `size` characters around the place where most of the terms stand; the beginning where there are none. On one line. */
export function snippet(source: string, terms: SearchTerm[], size = 180): Piece[] {
  const text = source.replace(/\s+/gu, ' ').trim()
  const matches = matchesIn(text, terms)
  const from = whole(text, beginning(matches, size))
  const to = whole(text, Math.min(text.length, from + size))
  const pieces = cut(text, matches, from, to)
  if (from > 0) pieces.unshift({ text: '…', marked: false })
  if (to < text.length) pieces.push({ text: '…', marked: false })
  return pieces
}

/** As HTML: everything escaped, the marked in `<mark>`. */
export function toMarkup(pieces: Piece[]): string {
  return pieces.map(({ text, marked }) => marked ? `<mark>${escaped(text)}</mark>` : escaped(text)).join('')
}

/** What `toMarkup` wrote, for a page to show as text. */
export function fromMarkup(html: string): Piece[] {
  return html.split(/(<mark>.*?<\/mark>)/su).filter(Boolean).map((part) => {
    const marked = part.startsWith('<mark>')
    return { text: unescaped(marked ? part.slice(6, -7) : part), marked }
  })
}

function matchesIn(text: string, terms: SearchTerm[]): Match[] {
  const { folded, origin } = fold(text)
  const matches = terms.flatMap(({ text: wanted, exact }, term) => {
    const found = occurrences(folded, pattern(wanted, { begins: true, ends: exact }))
    const inside = found.length > 0 || exact ? found : occurrences(folded, pattern(wanted, { begins: false, ends: false }))
    return inside.map(([start, end]) => ({ start: origin[start]!, end: origin[end]!, term }))
  })
  return matches.sort((a, b) => a.start - b.start || b.end - a.end)
}

/** The words of a term one after the other, with anything but words between them. */
function pattern(wanted: string, { begins, ends }: { begins: boolean, ends: boolean }): RegExp | undefined {
  const { folded } = fold(wanted)
  const words = folded.match(new RegExp(`${wordCharacter}+`, 'gu'))
  if (!words) return folded.trim() ? new RegExp(literal(folded.trim()), 'gu') : undefined
  const [first, last] = [words[0], words.at(-1)!]
  return new RegExp(
    (begins && !unspaced.test(first) ? `(?<!${wordCharacter})` : '')
    + words.map(literal).join(`[^\\p{L}\\p{N}\\p{M}]+`)
    + (ends && !unspaced.test(last) ? `(?!${wordCharacter})` : ''), 'gu')
}

function occurrences(folded: string, pattern: RegExp | undefined): [number, number][] {
  return pattern ? [...folded.matchAll(pattern)].map(match => [match.index, match.index + match[0].length]) : []
}

/** The folded text, and where each of its characters (and its end) stands in the text. */
function fold(text: string): { folded: string, origin: number[] } {
  const origin: number[] = []
  let folded = ''
  let at = 0
  for (const character of text) {
    const plain = character < '\u0080' ? character.toLowerCase() : character.toLowerCase().normalize('NFKD').replace(ignored, '')
    for (let unit = 0; unit < plain.length; unit++) origin.push(at)
    folded += plain
    at += character.length
  }
  origin.push(at)
  return { folded, origin }
}

/** Where the stretch of `size` with the most different terms begins, a few words before the first of them. */
function beginning(matches: Match[], size: number): number {
  let best = { start: 0, count: 0 }
  for (const [index, { start }] of matches.entries()) {
    const terms = new Set<number>()
    for (let other = index; other < matches.length && matches[other]!.end <= start + size * 0.8; other++) terms.add(matches[other]!.term)
    if (terms.size > best.count) best = { start, count: terms.size }
  }
  return best.start < size * 0.6 ? 0 : best.start - Math.round(size * 0.2)
}

/** The nearest place at or after `at` where a word begins, if there is one near; never inside a character. */
function whole(text: string, at: number): number {
  if (at === 0 || at >= text.length) return at
  const space = text.slice(at, at + 15).indexOf(' ')
  let place = space >= 0 ? at + space + 1 : at
  // A text of nothing but marks has no such place.
  for (const limit = place + 10; place < limit && /[\udc00-\udfff\p{M}\u200d]/u.test(text[place] ?? ''); place++);
  return place
}

function cut(text: string, matches: Match[], from: number, to: number): Piece[] {
  const pieces: Piece[] = []
  let at = from
  for (const { start, end } of matches) {
    if (start < at || end > to || end === start) continue
    if (start > at) pieces.push({ text: text.slice(at, start), marked: false })
    pieces.push({ text: text.slice(start, end), marked: true })
    at = end
  }
  if (at < to) pieces.push({ text: text.slice(at, to), marked: false })
  return pieces
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#39;' }
const characters = Object.fromEntries(Object.entries(entities).map(([character, entity]) => [entity, character]))

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, character => entities[character]!)
}

function unescaped(html: string): string {
  return html.replace(/&(?:amp|lt|gt|quot|#39);/g, entity => characters[entity]!)
}
