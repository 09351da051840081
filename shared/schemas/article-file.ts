import { articleAudiences, articleFileStates, maxArticleLength } from '../article'
import { articleLocale, articleSlug, categoryName, draftTitle } from './article'
import { draftText, line } from './text'
import { z } from './zod'

/** What a Markdown file says about one language of an article, and its text. */
export const articleFile = z
  .strictObject({
    title: draftTitle,
    slug: articleSlug.optional(),
    /** The files with the same value are languages of one article. */
    article: line(200, 'Article').optional(),
    category: categoryName.optional(),
    audience: z.enum(articleAudiences, 'Either public, clients or internal').default('internal'),
    locale: articleLocale.default('en'),
    state: z.enum(articleFileStates, 'Either published, draft or archived').default('draft'),
    content: draftText(maxArticleLength, 'Text')
  })
  .refine(({ state, title }) => state !== 'published' || title !== '', {
    path: ['title'],
    error: 'An article needs a title to be published'
  })

export type ArticleFile = z.output<typeof articleFile>
