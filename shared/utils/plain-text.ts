import type { Mention } from '../types/api'
import { findLinks } from './links'
import { formerMember, mentionTokens } from './mentions'

/**
 * A piece of plain text: text, a link, a mention of one of `people`, or a break after a line end that browsers do not render
 * as one.
 */
export type TextPiece =
  | { kind: 'text'; text: string }
  | { kind: 'link'; text: string; href: string }
  | { kind: 'mention'; text: string; id: string }
  | { kind: 'break' }

// Line ends that `white-space: pre-wrap` does not render: old Mac line ends, form feeds, Unicode separators.
const unrenderedBreak = /\r(?!\n)|[\v\f\u0085\u2028\u2029]/g

/**
 * Splits plain text into pieces to be rendered one after the other. Their texts join to the source, except that mention tokens
 * become names. Without `people`, tokens stay text.
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
  } of text.matchAll(unrenderedBreak)) {
    pieces.push({ kind: 'text', text: text.slice(done, index + length) }, { kind: 'break' })
    done = index + length
  }
  if (done < text.length) pieces.push({ kind: 'text', text: text.slice(done) })
}
