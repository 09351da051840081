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

const imageExtensions: Record<string, string> = { 'image/png': 'png', 'image/jpeg': 'jpg', 'image/gif': 'gif', 'image/webp': 'webp' }
const imageAddress = /^images\/([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})\.(?:png|jpg|gif|webp)(?:#([1-9]\d{0,4})x([1-9]\d{0,4}))?$/

/** What the text of an article names a picture by. In an export, the file is there. */
export function articleImageAddress(id: string, contentType: string): string {
  return `images/${id}.${imageExtensions[contentType]}`
}

/** The picture that an address in a text names, with its size in pixels if the address has it; null for another address. */
export function parseImageAddress(address: string): { id: string; size: { width: string; height: string } | null } | null {
  const [, id, width, height] = imageAddress.exec(address) ?? []
  return id === undefined ? null : { id, size: width !== undefined && height !== undefined ? { width, height } : null }
}

/** The addresses of the pictures in a text, without their sizes. */
export function imageAddressesIn(text: string): string[] {
  return [
    ...new Set([...text.matchAll(/\bimages\/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.(?:png|jpg|gif|webp)/g)].map(([address]) => address))
  ]
}

/** The path under which members find the pictures of their team. */
export function teamImagePath(teamId: string): string {
  return `/api/teams/${teamId}/article-images/`
}

/** The path under which readers of the help centre find the pictures of a team. */
export function helpImagePath(team: string): string {
  return `/api/portal/${team}/images/`
}
