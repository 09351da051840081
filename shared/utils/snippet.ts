import { foldCharacter } from './fold'
import { termForms, type SearchTerm } from './search-query'

/** A piece of a text; `marked` if it matches the search. */
export interface Piece {
  text: string
  marked: boolean
}

/** All matches, sorted by start: match `i` is term `terms[i]`, from `starts[i]` to `ends[i]`. */
interface Matches {
  starts: Int32Array
  ends: Int32Array
  terms: Int32Array
}

/** A folded term. `exact` must end at a word boundary; a term without words is matched literally. */
interface Wanted {
  text: string
  isWords: boolean
  begins: boolean
  ends: boolean
  exact: boolean
}

// These limits bound the time that a search blocks the event loop: the distinct terms of a query,
const maxTerms = 20
// the characters of a text, fewer if there are many terms,
const maxExcerpted = 20_000
const maxCompared = 100_000
// and the folded characters: U+FDFA alone is folded to 18.
const maxFolded = 2 * maxExcerpted

const words = /[\p{L}\p{N}\p{M}]+/gu
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

/** Marks the matches in the whole text. */
export function highlight(text: string, terms: SearchTerm[]): Piece[] {
  return cut(text, matchesIn(text, distinctTerms(terms)), 0, text.length)
}

/**
 * About `size` characters around the place with the most distinct terms, or the beginning if nothing matches. On one line. Reads the
 * first 20,000 characters, or 5,000 for 20 terms, because a search makes up to a hundred snippets.
 */
export function snippet(source: string, terms: SearchTerm[], size = 180): Piece[] {
  const wanted = distinctTerms(terms)
  const seen = Math.min(maxExcerpted, Math.floor(maxCompared / Math.max(1, wanted.length)))
  const isLonger = source.length > seen
  const text = (isLonger ? source.slice(0, seen).toWellFormed() : source).replace(/\s+/gu, ' ').trim()
  const matches = matchesIn(text, wanted)
  const from = alignToWord(text, snippetStart(matches, size))
  const to = alignToWord(text, Math.min(text.length, from + size))
  const pieces = cut(text, matches, from, to)
  if (from > 0) pieces.unshift({ text: '…', marked: false })
  if (to < text.length || isLonger) pieces.push({ text: '…', marked: false })
  return pieces
}

/** Renders pieces as escaped HTML, with `<mark>` around marked ones. */
export function toMarkup(pieces: Piece[]): string {
  return pieces.map(({ text, marked }) => (marked ? `<mark>${escapeHtml(text)}</mark>` : escapeHtml(text))).join('')
}

/** Parses the output of `toMarkup`, so that a page can show it as text. */
export function fromMarkup(html: string): Piece[] {
  return html
    .split(/(<mark>.*?<\/mark>)/su)
    .filter(Boolean)
    .map(part => {
      const marked = part.startsWith('<mark>')
      return { text: unescapeHtml(marked ? part.slice(6, -7) : part), marked }
    })
}

/** All matches of all terms. Takes time proportional to the length of the text times the number of terms. */
function matchesIn(text: string, wanted: Wanted[]): Matches {
  const { folded, origin } = fold(text)
  const plain = { text: folded, index: undefined }
  const spaced = wanted.some(({ isWords }) => isWords) ? spaceWords(folded) : plain
  const places = wanted.map(term => {
    const { text, index } = term.isWords ? spaced : plain
    const { length } = term.text
    const isWhole = (at: number) =>
      (!term.begins || at === 0 || text[at - 1] === ' ') && (!term.ends || at + length === text.length || text[at + length] === ' ')
    const whole = occurrences(text, term.text, isWhole)
    const found = whole.length > 0 || term.exact ? whole : occurrences(text, term.text)
    const ends = found.map(at => endOf(origin, index ? index[at + length - 1]! : at + length - 1))
    return { starts: found.map(at => origin[index ? index[at]! : at]!), ends }
  })
  return sortMatches(places, text.length)
}

/** The end of the original character that folded unit `unit` comes from: ﬃ is marked whole if its first letters match. */
function endOf(origin: number[], unit: number): number {
  let next = unit + 1
  while (next < origin.length - 1 && origin[next] === origin[unit]) next++
  return origin[next]!
}

/** The distinct folded terms: "vpn VPN" is one. The longest come first, so that they win if two matches start at the same place. */
function distinctTerms(terms: SearchTerm[]): Wanted[] {
  const wanted = new Map<string, Wanted>()
  for (const { text, exact } of terms.flatMap(term => termForms(term.text).map(text => ({ ...term, text })))) {
    if (wanted.size === maxTerms) break
    const { folded } = fold(text)
    const parts = folded.match(words)
    const term = parts
      ? { text: parts.join(' '), isWords: true, begins: !unspaced.test(parts[0]), ends: exact && !unspaced.test(parts.at(-1)!), exact }
      : { text: folded.trim(), isWords: false, begins: false, ends: false, exact: true }
    if (term.text) wanted.set(JSON.stringify([term.text, term.exact]), term)
  }
  return [...wanted.values()].sort((a, b) => b.text.length - a.text.length)
}

/** Replaces everything between two words with one space; `index` maps each character to its position in the folded text. */
function spaceWords(folded: string): { text: string; index: number[] } {
  const index: number[] = []
  let text = ''
  let end = 0
  for (const { 0: word, index: start } of folded.matchAll(words)) {
    if (start > end) {
      text += ' '
      index.push(end)
    }
    for (let at = start; at < start + word.length; at++) index.push(at)
    text += word
    end = start + word.length
  }
  return { text: end < folded.length ? `${text} ` : text, index }
}

/** The positions of `wanted`, from left to right without overlaps (Knuth-Morris-Pratt: each character is read once). */
function occurrences(text: string, wanted: string, isFit: (at: number) => boolean = () => true): number[] {
  const fallback = fallbacks(wanted)
  const found: number[] = []
  let matched = 0
  // indexOf skips to the next possible start. It is many times as fast as a loop, and reads no character twice either.
  for (let at = text.indexOf(wanted[0]!); at >= 0 && at < text.length; at++) {
    const unit = text.charCodeAt(at)
    while (matched > 0 && unit !== wanted.charCodeAt(matched)) matched = fallback[matched - 1]!
    if (unit === wanted.charCodeAt(matched)) matched++
    else if ((at = text.indexOf(wanted[0]!, at + 1) - 1) < 0) break
    if (matched < wanted.length) continue
    const start = at + 1 - wanted.length
    const fits = isFit(start)
    if (fits) found.push(start)
    matched = fits ? 0 : fallback[matched - 1]!
  }
  return found
}

/** The KMP failure function: for each prefix, the length of its longest proper prefix that is also a suffix. */
function fallbacks(text: string): Int32Array {
  const lengths = new Int32Array(text.length)
  let length = 0
  for (let at = 1; at < text.length; at++) {
    while (length > 0 && text[at] !== text[length]) length = lengths[length - 1]!
    if (text[at] === text[length]) length++
    lengths[at] = length
  }
  return lengths
}

/** Sorts the matches of all terms by start with a counting sort, because there may be as many matches as characters. */
function sortMatches(places: { starts: number[]; ends: number[] }[], length: number): Matches {
  const next = new Int32Array(length + 2)
  let size = 0
  for (const { starts } of places) {
    size += starts.length
    for (const start of starts) next[start + 1]!++
  }
  for (let at = 1; at < next.length; at++) next[at]! += next[at - 1]!
  const matches = { starts: new Int32Array(size), ends: new Int32Array(size), terms: new Int32Array(size) }
  for (const [term, { starts, ends }] of places.entries()) {
    for (let match = 0; match < starts.length; match++) {
      const at = next[starts[match]!]!++
      matches.starts[at] = starts[match]!
      matches.ends[at] = ends[match]!
      matches.terms[at] = term
    }
  }
  return matches
}

/** Folds the text like private.fold_text(); `origin` maps each folded character, and the end, to its position in the text. */
function fold(text: string): { folded: string; origin: number[] } {
  const origin: number[] = []
  let folded = ''
  let at = 0
  for (const character of text) {
    if (folded.length > maxFolded) break
    const plain = foldCharacter(character)
    for (let unit = 0; unit < plain.length; unit++) origin.push(at)
    folded += plain
    at += character.length
  }
  origin.push(at)
  return { folded, origin }
}

/** The start of the window of `size` characters with the most distinct terms, a few words before the first of them. */
function snippetStart({ starts, ends, terms }: Matches, size: number): number {
  const inside = new Int32Array(maxTerms)
  let best = { start: 0, count: 0 }
  let count = 0
  let next = 0
  for (let first = 0; first < starts.length; first++) {
    next = Math.max(next, first)
    for (; next < starts.length && ends[next]! <= starts[first]! + size * 0.8; next++) if (inside[terms[next]!]!++ === 0) count++
    if (count > best.count) best = { start: starts[first]!, count }
    if (next > first && --inside[terms[first]!]! === 0) count--
  }
  return best.start < size * 0.6 ? 0 : best.start - Math.round(size * 0.2)
}

/** The next word start at or after `at`, if one is near; never inside a character. */
function alignToWord(text: string, at: number): number {
  if (at === 0 || at >= text.length) return at
  const space = text.slice(at, at + 15).indexOf(' ')
  let place = space >= 0 ? at + space + 1 : at
  // Limited, because a text of combining marks alone has no such place.
  for (const limit = place + 10; place < limit && /[\udc00-\udfff\p{M}\u200d]/u.test(text[place] ?? ''); place++);
  return place
}

function cut(text: string, { starts, ends }: Matches, from: number, to: number): Piece[] {
  const pieces: Piece[] = []
  let at = from
  for (let match = 0; match < starts.length; match++) {
    const [start, end] = [starts[match]!, ends[match]!]
    if (start < at || end > to || end === start) continue
    if (start > at) pieces.push({ text: text.slice(at, start), marked: false })
    pieces.push({ text: text.slice(start, end), marked: true })
    at = end
  }
  if (at < to) pieces.push({ text: text.slice(at, to), marked: false })
  return pieces
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const characters = Object.fromEntries(Object.entries(entities).map(([character, entity]) => [entity, character]))

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => entities[character]!)
}

function unescapeHtml(html: string): string {
  return html.replace(/&(?:amp|lt|gt|quot|#39);/g, entity => characters[entity]!)
}
