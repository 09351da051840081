import type { ArticleAudience } from '#shared/article'
import { articleCategoryCreate, articleCreate, articleLocale } from '#shared/schemas/article'
import { line } from '#shared/schemas/text'
import { z } from '#shared/schemas/zod'
import type { Locale } from '#shared/texts/locale'
import type { ArticleCategory } from '#shared/types/api'
import { optionalField } from '../app/optional-field'
import { noChoice } from '../contact/contact-form'

/** The form for a new article. */
export const newArticleSchema = z.object({
  title: line(200, 'Title'),
  locale: articleLocale,
  category_id: z.string().transform(value => (value === noChoice ? null : value)),
  audience: articleCreate.shape.audience.unwrap()
})

export const newArticleFields = (): { title: string; locale: Locale; category_id: string; audience: ArticleAudience } => ({
  title: '',
  locale: 'en',
  category_id: noChoice,
  audience: 'internal'
})

const { name } = articleCategoryCreate.shape

/** The form for a category: its name, and its name in German. */
export const articleCategorySchema = z.object({ name, german: optionalField(name.nullable()) })

export type ArticleCategoryFields = z.input<typeof articleCategorySchema>

export function articleCategoryFields(row?: ArticleCategory): ArticleCategoryFields {
  return { name: row?.name ?? '', german: row?.names.de ?? '' }
}
