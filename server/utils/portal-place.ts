import { portalNumber } from '#shared/schemas/portal'

/** A page of the portal. Those below `/p` are behind a link in a mail. */
export type PortalPlace =
  | { page: 'teams' | 'sign-out'; slug: null }
  | { page: 'list' | 'sign-in' | 'confirm' | 'new' | 'sign-out' | 'follow'; slug: string }
  | { page: 'ticket' | 'link'; slug: string; number: number }
  | HelpPlace

/** A page of the help centre. */
export type HelpPlace =
  { page: 'help' | 'help-articles' | 'help-search'; slug: string } | { page: 'help-category' | 'help-article'; slug: string; name: string }

const named = new Set(['sign-in', 'confirm', 'new', 'sign-out'])

/** The page of the portal at this path; null for other pages, 'unknown' for a path of the portal without a page. */
export function portalPlaceOf(path: string): PortalPlace | 'unknown' | null {
  const [root, slug, last, ...rest] = path.split('?', 1)[0]!.replace(/\/$/, '').slice(1).split('/')
  if (root === 'help') return helpPlaceOf(slug, last, rest)
  if (root !== 'portal' && root !== 'p') return null
  if (rest.length > 0 || (slug !== undefined && !isSlug(slug))) return 'unknown'
  if (root === 'p') {
    if (slug !== undefined && last === 'follow') return { page: 'follow', slug }
    const number = portalNumber.safeParse(last)
    return slug !== undefined && number.success ? { page: 'link', slug, number: number.data } : 'unknown'
  }
  if (slug === undefined) return { page: 'teams', slug: null }
  if (last === undefined) return { page: 'list', slug }
  if (named.has(last)) return { page: last as 'sign-in', slug }
  const number = portalNumber.safeParse(last)
  return number.success ? { page: 'ticket', slug, number: number.data } : 'unknown'
}

function helpPlaceOf(slug: string | undefined, section: string | undefined, rest: string[]): HelpPlace | 'unknown' | null {
  if (slug === undefined || !isSlug(slug)) return 'unknown'
  if (section === 'sitemap.xml' && rest.length === 0) return null // server/routes/help
  if (section === undefined) return { page: 'help', slug }
  const [name, ...more] = rest
  if (name === undefined && section === 'search') return { page: 'help-search', slug }
  if (name === undefined && section === 'articles') return { page: 'help-articles', slug }
  if (name === undefined || more.length > 0 || !isSlug(name)) return 'unknown'
  if (section === 'articles') return { page: 'help-article', slug, name }
  return section === 'categories' ? { page: 'help-category', slug, name } : 'unknown'
}

const isSlug = (value: string) => /^[a-z0-9-]{1,100}$/.test(value)

/** The address of a ticket in the portal. */
export function portalTicketPath(slug: string, number: number): string {
  return `/portal/${slug}/${number}`
}
