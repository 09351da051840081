import { articleAudiences } from '../../article'
import { locales } from '../../texts/locale'
import { count, id, timestamp } from '../answer'
import { z } from '../zod'

const locale = z.enum(locales)
const audience = z.enum(articleAudiences).describe('Who may read what is published: anybody, signed-in contacts of the team, or members.')
const author = z.object({ id, full_name: z.string() }).nullable()

export const articleCategory = z
  .object({
    id,
    slug: z.string().describe('Its address in the help centre; it never changes.'),
    name: z.string(),
    names: z.partialRecord(locale, z.string()).describe('In other languages.'),
    position: z.int().describe('Counts from 1.'),
    article_count: count.describe('Articles that the caller sees, without archived ones.')
  })
  .meta({ id: 'ArticleCategory', description: 'A section of the help centre.' })

export const articleDraft = z
  .object({
    title: z.string().describe('May be empty.'),
    content: z.string().describe('Markdown, exactly as it was saved.'),
    version: z.int(),
    has_changes: z.boolean().describe('Whether readers see another text, or none.'),
    updated_at: timestamp,
    updated_by: author
  })
  .meta({ id: 'ArticleDraft', description: 'The working draft of one language.' })

const articleFields = {
  id,
  team_id: id,
  category_id: id.nullable(),
  audience,
  is_published: z.boolean().describe('Whether any language is published.'),
  archived_at: timestamp.nullable(),
  created_by: id.nullable(),
  created_at: timestamp,
  updated_at: timestamp.describe('When it was last published, withdrawn or moved; saving a draft does not count.'),
  feedback: z.object({ answers: count, helpful: count }).describe('How many readers said whether it helped, and how many said that it did.')
}

const translationFields = {
  locale,
  slug: z.string().nullable().describe('Its address in the help centre; null until it has one.')
}

export const articleSummary = z
  .object({
    ...articleFields,
    translations: z.array(
      z.object({
        ...translationFields,
        title: z.string().describe('The published title; that of the draft if it is not published.'),
        published_at: timestamp.nullable(),
        has_changes: z.boolean().describe('Whether the draft differs from what is published; false for callers who may not edit it.'),
        edited_at: timestamp.nullable().describe('When the draft was last saved; null for callers who may not edit it.'),
        edited_by: author
      })
    )
  })
  .meta({ id: 'ArticleSummary', description: 'An article without its texts.' })

const publication = z.object({
  revision_id: id,
  number: z.int(),
  title: z.string(),
  content: z.string(),
  published_at: timestamp,
  first_published_at: timestamp
})

export const article = z
  .object({
    ...articleFields,
    translations: z.array(
      z.object({
        ...translationFields,
        published: publication.nullable(),
        draft: articleDraft.nullable().describe('Null for callers who may not edit the article.')
      })
    )
  })
  .meta({ id: 'Article', description: 'An article: each language with what is published and, for its editors, the working draft.' })

const revisionFields = {
  id,
  locale,
  number: z.int().describe('Counts from 1 in each language.'),
  kind: z.enum(['published', 'saved']).describe('saved: a draft that a restored revision replaced.'),
  title: z.string(),
  note: z.string().nullable(),
  is_current: z.boolean().describe('Whether readers see this revision.'),
  created_at: timestamp,
  created_by: author
}

export const articleRevision = z
  .object(revisionFields)
  .meta({ id: 'ArticleRevision', description: 'A text that an article had. Revisions never change.' })

export const articleRevisionText = z
  .object({ ...revisionFields, content: z.string() })
  .meta({ id: 'ArticleRevisionText', description: 'A revision with its text.' })

export const articleFeedback = z
  .object({
    id,
    locale,
    is_helpful: z.boolean(),
    missing: z.string().nullable().describe('What the reader did not find.'),
    created_at: timestamp
  })
  .meta({ id: 'ArticleFeedback', description: 'What a reader said about an article. Nobody knows who it was.' })

const language = z.object({ locale, slug: z.string(), title: z.string() })

export const publicArticle = z
  .object({ id, locale, slug: z.string(), title: z.string(), category_id: id.nullable(), published_at: timestamp })
  .meta({ id: 'PublicArticle', description: 'A published article that anybody may read, in one language.' })

export const publicArticleText = publicArticle
  .extend({ content: z.string().describe('Markdown.'), languages: z.array(language).describe('All published languages of the article.') })
  .meta({ id: 'PublicArticleText', description: 'A published article with its text.' })

export type ArticleCategory = z.output<typeof articleCategory>
export type ArticleDraft = z.output<typeof articleDraft>
export type ArticleSummary = z.output<typeof articleSummary>
export type Article = z.output<typeof article>
export type ArticleRevision = z.output<typeof articleRevision>
export type ArticleRevisionText = z.output<typeof articleRevisionText>
export type ArticleFeedback = z.output<typeof articleFeedback>
export type PublicArticle = z.output<typeof publicArticle>
export type PublicArticleText = z.output<typeof publicArticleText>
