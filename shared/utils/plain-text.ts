import type { Mention } from '../types/api'
import { findLinks } from './links'
import { formerMember, mentionTokens } from './mentions'

/**
 * A stretch of a text that reads as written: text, a link, a mention of one of `people`, or a line break that a browser
 * would not show for the character before it.
 */
export type TextPiece =
  | { kind: 'text'; text: string }
  | { kind: 'link'; text: string; href: string }
  | { kind: 'mention'; text: string; id: string }
  | { kind: 'break' }

// Line ends that `white-space: pre-wrap` does not break at: old Mac files, printers' page breaks, Unicode's separators.
const unshownBreak = /\r(?!\n)|[\v\f\u0085\u2028\u2029]/g

/**
 * A text without markup in pieces to be shown one after the other: all of their texts together are the source, but for
 * the tokens of mentions, which are names. Without `people`, tokens are text.
 */
export function textPieces(source: string, people?: readonly Mention[]): TextPiece[] {
  const pieces: TextPiece[] = []
  let done = 0
  const names = new Map(people?.map(({ id, full_name }) => [id, full_name]))
  for (const { id, start, end } of people ? mentionTokens(source) : []) {
    addText(pieces, source.slice(done, start))
    const name = names.get(id)
    pieces.push(name === undefined ? { kind: 'text', text: formerMember } : { kind: 'mention', text: `@${name}`, id })
    done = end
  }
  addText(pieces, source.slice(done))
  return pieces
}

function addText(pieces: TextPiece[], text: string): void {
  let done = 0
  for (const { start, end, href } of findLinks(text)) {
    addLines(pieces, text.slice(done, start))
    pieces.push({ kind: 'link', text: text.slice(start, end), href })
    done = end
  }
  addLines(pieces, text.slice(done))
}

function addLines(pieces: TextPiece[], text: string): void {
  let done = 0
  for (const {
    index,
    0: { length }
  } of text.matchAll(unshownBreak)) {
    pieces.push({ kind: 'text', text: text.slice(done, index + length) }, { kind: 'break' })
    done = index + length
  }
  if (done < text.length) pieces.push({ kind: 'text', text: text.slice(done) })
}
