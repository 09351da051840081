/** Who may read a published article: anybody, signed-in contacts of the team, or members only. */
export const articleAudiences = ['public', 'clients', 'internal'] as const

export type ArticleAudience = (typeof articleAudiences)[number]

/** changed: published, with a draft that differs. Without a filter, a list leaves out what is archived. */
export const articleStates = ['published', 'changed', 'draft', 'archived'] as const

export type ArticleState = (typeof articleStates)[number]

/** Characters of an article's text. */
export const maxArticleLength = 50_000

/** The address of an article in the help centre of a team. Both are slugs. */
export function articlePath(team: string, article: string): string {
  return `/help/${team}/articles/${article}`
}
