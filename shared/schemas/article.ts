import { articleAudiences, articleStates, maxArticleLength } from '../article'
import { locales } from '../texts/locale'
import { listQuery, pageFields } from './page'
import { draftText, line, uuid } from './text'
import { z } from './zod'

export const articleLocale = z.enum(locales, 'Not a language of the help centre')

export const categoryName = line(100, 'Name').transform(value => value.normalize('NFC'))
const categoryNames = z.partialRecord(articleLocale, categoryName, 'Names by language')
// A position beyond the end means the last one.
const position = z
  .number('Position must be a number')
  .int('Position must be whole')
  .min(1, 'The first position is 1')
  .max(10_000, 'Position is too large')

export const articleCategoryCreate = z.strictObject({ name: categoryName, names: categoryNames.default({}) })
export const articleCategoryUpdate = z.strictObject({ name: categoryName, names: categoryNames, position }).partial()

/** A draft may have no title yet. */
export const draftTitle = z.union([z.literal(''), line(200, 'Title')], {
  error: issue => (issue.code === 'invalid_union' ? issue.errors[1]?.[0]?.message : undefined)
})
const content = draftText(maxArticleLength, 'Text')
const audience = z.enum(articleAudiences, 'Either public, clients or internal')

export const articleCreate = z.strictObject({
  locale: articleLocale.default('en'),
  title: draftTitle.default(''),
  content: content.default(''),
  category_id: uuid.nullable().default(null),
  audience: audience.default('internal')
})

export const articleUpdate = z
  .strictObject({ category_id: uuid.nullable(), audience, is_archived: z.boolean('Either true or false') })
  .partial()

export const articleQuery = listQuery(
  z.strictObject({
    q: z.string().trim().max(200, 'Search for at most 200 characters').optional(),
    category_id: uuid.optional(),
    audience: audience.optional(),
    state: z.enum(articleStates, 'Either published, changed, draft or archived').optional(),
    ...pageFields
  })
)

/** Where readers of a deleted article are led to. */
export const articleDeletion = z
  .strictObject({
    replacement_id: uuid.optional().describe('A published article; the addresses of the deleted one lead to it.'),
    final: z.literal('true', 'Either true or absent').optional().describe('`true`: the addresses lead nowhere.')
  })
  .refine(({ replacement_id, final }) => replacement_id === undefined || final === undefined, {
    path: ['final'],
    error: 'Either name a replacement or delete without one'
  })

const version = z.int('Version must be a whole number').min(1, 'The first version is 1').max(2_147_483_647, 'Version is too large')

/** `version` is the one that this edit is based on; null begins a language. */
export const articleDraftPut = z.strictObject({ title: draftTitle, content, version: version.nullable() })

export const articlePublish = z.strictObject({ version, note: line(200, 'Note').nullable().default(null) })

export const articleRestore = z.strictObject({ version })

export const articleSlug = z
  .string('Address must be text')
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?$/, 'Use small letters, digits and hyphens, at most 100')

export const articleTranslationUpdate = z.strictObject({ slug: articleSlug })

export const articleRevisionQuery = listQuery(z.strictObject({ locale: articleLocale.optional(), ...pageFields }))

/** The address of a team, in paths. */
export const teamSlug = z.string().regex(/^[a-z0-9-]{1,100}$/, 'Not an address of a team')

const locale = articleLocale.default('en').describe('The preferred language; `en` by default.')

/** What somebody typed: a search, or the beginning of a request. */
export const articleSuggestQuery = z.strictObject({
  q: draftText(500, 'Text').refine(q => q.trim() !== '', 'Say what you look for'),
  locale
})

export const publicArticleQuery = listQuery(z.strictObject({ locale, ...pageFields }))

export const articleTicketQuery = listQuery(
  z.strictObject({
    before_change: z
      .enum(['true', 'false'], 'Either true or false')
      .transform(value => value === 'true')
      .optional()
      .describe('`true`: only those that cited it in the 30 days before what is published now, when readers saw another text.'),
    ...pageFields
  })
)

export const articleFeedbackQuery = listQuery(
  z.strictObject({
    with_text: z.literal('true', 'Either true or absent').optional().describe('`true`: only answers with a text.'),
    ...pageFields
  })
)

export type ArticleCategoryCreate = z.output<typeof articleCategoryCreate>
export type ArticleCategoryUpdate = z.output<typeof articleCategoryUpdate>
export type ArticleCreate = z.output<typeof articleCreate>
export type ArticleUpdate = z.output<typeof articleUpdate>
export type ArticleQuery = z.output<typeof articleQuery>
export type ArticleDeletion = z.output<typeof articleDeletion>
export type ArticleDraftPut = z.output<typeof articleDraftPut>
export type ArticlePublish = z.output<typeof articlePublish>
export type ArticleRestore = z.output<typeof articleRestore>
export type ArticleTicketQuery = z.output<typeof articleTicketQuery>
export type ArticleTranslationUpdate = z.output<typeof articleTranslationUpdate>
export type ArticleRevisionQuery = z.output<typeof articleRevisionQuery>
export type ArticleFeedbackQuery = z.output<typeof articleFeedbackQuery>
