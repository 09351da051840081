import { articlePath } from '#shared/article'
import { findPortalTeam } from '#server/domain/portal/client'
import { listHelpAddresses } from '#server/domain/article/reading'
import type { HelpReader } from '#server/domain/article/reader'
import { escapeHtml } from '#shared/utils/markdown'

/** The public articles of a team for search engines, each language with the others. */
export default defineEventHandler(async event => {
  const slug = getRouterParam(event, 'team') ?? ''
  const team = /^[a-z0-9-]{1,100}$/.test(slug) ? await asAnonymous(tx => findPortalTeam(tx, slug)) : undefined
  if (!team) throw notFound()
  const addresses = await asAnonymous(tx => listHelpAddresses(tx, team.id))
  const urlOf = (article: string) => escapeHtml(new URL(articlePath(team.slug, article), useRuntimeConfig().public.siteUrl).href)
  const languages = new Map<string, { locale: HelpReader['locale']; slug: string }[]>()
  for (const { id, ...language } of addresses) languages.set(id, [...(languages.get(id) ?? []), language])
  const entries = addresses.map(({ id, slug, published_at }) => {
    const all = languages.get(id)!
    const links =
      all.length > 1 ? all.map(({ locale, slug }) => `<xhtml:link rel="alternate" hreflang="${locale}" href="${urlOf(slug)}"/>`) : []
    return `<url><loc>${urlOf(slug)}</loc><lastmod>${new Date(published_at).toISOString()}</lastmod>${links.join('')}</url>`
  })
  setHeader(event, 'content-type', 'application/xml; charset=utf-8')
  return `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">
${entries.join('\n')}
</urlset>
`
})
