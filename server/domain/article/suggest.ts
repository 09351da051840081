import { setImmediate } from 'node:timers/promises'
import type { ArticleSuggestion } from '#shared/types/api'
import { markdownText } from '#shared/utils/markdown'
import type { SearchTerm } from '#shared/utils/search-query'
import { highlight, toMarkup } from '#shared/utils/snippet'
import type { Db } from '../../db/types'
import type { HelpReader } from './reader'
import { findArticles } from './search'
import { matchingSentence } from './sentence'
import { wordsOfQuestion } from './words'

const most = 3
// What ranks lower has a word or two in common with the question by chance: bench/article-questions.ts.
const lowestRank = 0.45
// Beside an article that fits, one that ranks half as well is noise.
const lowestShare = 0.5

/** The articles that may answer a question, the best first: at most three, and none if nothing fits. Only articles are read. */
export async function suggestArticles(db: Db, reader: HelpReader, q: string): Promise<ArticleSuggestion[]> {
  const found = await findArticles(db, reader, { q, most })
  const lowest = Math.max(lowestRank, lowestShare * (found[0]?.rank ?? 0))
  const terms = wordsOfQuestion(q)
    .filter(word => word.length >= 3)
    .map((text): SearchTerm => ({ text, exact: false, not: false }))
  const suggested: ArticleSuggestion[] = []
  for (const { id, slug, title, locale, audience, content } of found.filter(({ rank }) => rank >= lowest)) {
    const sentence = matchingSentence(markdownText(content), locale, terms)
    suggested.push({ id, locale, slug, title, audience, sentence: toMarkup(highlight(sentence, terms)) })
    await setImmediate() // a long text takes milliseconds
  }
  return suggested
}
