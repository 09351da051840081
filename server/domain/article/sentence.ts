import type { SearchTerm } from '#shared/utils/search-query'
import { highlight } from '#shared/utils/snippet'

// These bound the time that an article of 50,000 characters takes.
const maxRead = 10_000
const maxSentences = 100
const maxLength = 240

/** The sentence of a text that has most of the terms, the first of several; cut after 240 characters. The first sentence if none has any. */
export function matchingSentence(text: string, locale: string, terms: SearchTerm[]): string {
  const segments = new Intl.Segmenter(locale, { granularity: 'sentence' }).segment(text.slice(0, maxRead).toWellFormed())
  let best = { sentence: '', matches: -1 }
  let count = 0
  for (const { segment } of segments) {
    if (count++ === maxSentences) break
    const sentence = segment.trim()
    const marked = highlight(sentence.slice(0, maxLength).toWellFormed(), terms).filter(piece => piece.marked)
    const matches = new Set(marked.map(piece => piece.text.toLowerCase())).size
    if (matches > best.matches) best = { sentence, matches }
  }
  const { sentence } = best
  return sentence.length > maxLength
    ? `${sentence
        .slice(0, maxLength)
        .replace(/\s*\S*$/u, '')
        .toWellFormed()} …`
    : sentence
}
