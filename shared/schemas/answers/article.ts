import { articleAudiences, citationKinds } from '../../article'
import { locales } from '../../texts/locale'
import { count, day, id, status, timestamp } from '../answer'
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
  kind: z.enum(['published', 'saved']).describe('saved: a draft that a restored revision or another writer replaced.'),
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

const citationFields = {
  kind: z.enum(citationKinds).describe('cited: by hand; link, text: in a reply; draft: it was drafted from the ticket.'),
  cited_at: timestamp,
  cited_by: author
}

export const citedArticle = z
  .object({
    article_id: id,
    title: z.string(),
    slug: z.string().nullable().describe('Its address in the help centre; null if it is not published.'),
    audience,
    is_published: z.boolean(),
    ...citationFields
  })
  .meta({ id: 'CitedArticle', description: 'An article that is cited at a ticket.' })

export const articleTicket = z
  .object({
    ticket_id: id,
    ticket_number: z.int(),
    subject: z.string(),
    status,
    ...citationFields,
    is_before_change: z
      .boolean()
      .describe('Whether it cited the article in the 30 days before what is published now, when readers saw another text.')
  })
  .meta({ id: 'ArticleTicket', description: 'A ticket that cites an article.' })

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

export const articleSuggestion = z
  .object({
    id,
    locale,
    slug: z.string(),
    title: z.string(),
    audience,
    sentence: z.string().describe('The sentence that fits best, as HTML: escaped, with the words of the question in `<mark>`.')
  })
  .meta({ id: 'ArticleSuggestion', description: 'A published article that may answer a question.' })

export const articleSuggestions = z
  .object({ articles: z.array(articleSuggestion) })
  .meta({ id: 'ArticleSuggestions', description: 'Articles that may answer a question, the best first.' })

export const articleGap = z
  .object({
    kind: z
      .enum(['not_found', 'ignored', 'unhelpful', 'missing', 'stale'])
      .describe(
        'not_found: a search without a result. ignored: the article was suggested, and a ticket was sent nevertheless. unhelpful: most answers about the article were “No”. missing: what a visitor misses in the article. stale: tickets that cite the article were opened again.'
      ),
    text: z.string().nullable().describe('The question, or what is missing.'),
    article: z.object({ id, title: z.string() }).nullable(),
    times: count,
    day: day.describe('The last one.')
  })
  .meta({ id: 'ArticleGap', description: 'Something that the knowledge base lacks.' })

export const articleGaps = z
  .object({ gaps: z.array(articleGap) })
  .meta({ id: 'ArticleGaps', description: 'What the knowledge base lacks, the most frequent first.' })

export const articleImage = z
  .object({
    id,
    name: z.string(),
    size: z.int().min(1).describe('Bytes.'),
    content_type: z.string().describe('Determined from the content: PNG, JPEG, GIF or WebP.'),
    address: z
      .string()
      .describe(
        'What a text names it by: `![what it shows](address)`. `#640x480` behind it says its size in pixels, so that pages keep its place.'
      )
  })
  .meta({ id: 'ArticleImage', description: 'A picture for the texts of articles.' })

export type ArticleImage = z.output<typeof articleImage>
export type ArticleGap = z.output<typeof articleGap>
export type ArticleCategory = z.output<typeof articleCategory>
export type ArticleDraft = z.output<typeof articleDraft>
export type ArticleSummary = z.output<typeof articleSummary>
export type Article = z.output<typeof article>
export type ArticleRevision = z.output<typeof articleRevision>
export type ArticleRevisionText = z.output<typeof articleRevisionText>
export type ArticleSuggestion = z.output<typeof articleSuggestion>
export type ArticleSuggestions = z.output<typeof articleSuggestions>
export type CitedArticle = z.output<typeof citedArticle>
export type ArticleTicket = z.output<typeof articleTicket>
export type ArticleFeedback = z.output<typeof articleFeedback>
export type PublicArticle = z.output<typeof publicArticle>
export type PublicArticleText = z.output<typeof publicArticleText>
