/** Who may read a published article: anybody, signed-in contacts of the team, or members only. */
export const articleAudiences = ['public', 'clients', 'internal'] as const

export type ArticleAudience = (typeof articleAudiences)[number]

/** changed: published, with a draft that differs. Without a filter, a list leaves out what is archived. */
export const articleStates = ['published', 'changed', 'draft', 'archived'] as const

export type ArticleState = (typeof articleStates)[number]

/** What a file of an import or export is: what readers see, the working draft, or an article in the archive. */
export const articleFileStates = ['published', 'draft', 'archived'] as const

/** Characters of an article's text. */
export const maxArticleLength = 50_000

/** The address of an article in the help centre of a team. Both are slugs. */
export function articlePath(team: string, article: string): string {
  return `/help/${team}/articles/${article}`
}

/** How an article came to be cited: by hand, by a link or its text in a reply, or because it was drafted from the ticket. */
export const citationKinds = ['cited', 'link', 'text', 'draft'] as const

export type CitationKind = (typeof citationKinds)[number]

/** Articles to which one reply can link: further ones are not cited. */
const maxLinks = 20

/** The addresses of articles in a text, whatever the host: those of help centres, and the ids of the pages for agents. */
export function articleAddresses(text: string): { slugs: { team: string; article: string }[]; ids: string[] } {
  const slugs = new Set([...text.matchAll(/\/help\/[a-z0-9-]{1,48}\/articles\/[a-z0-9-]{1,100}(?![\w-])/g)].map(([path]) => path))
  const ids = new Set([...text.matchAll(/\/articles\/([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})(?![\w-])/g)].map(([, id]) => id!))
  return {
    slugs: [...slugs].slice(0, maxLinks).map(path => {
      const [, , team = '', , article = ''] = path.split('/')
      return { team, article }
    }),
    ids: [...ids].slice(0, maxLinks)
  }
}
