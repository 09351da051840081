import { articlePath } from '#shared/article'
import { portalSuggestionQuery } from '#shared/schemas/portal'
import { fromMarkup } from '#shared/utils/snippet'
import { findPortalTeam } from '#server/domain/portal/client'
import { suggestArticles } from '#server/domain/article/suggest'

/** Articles that may answer what a client is typing, for the script of the portal. No route of the API, like the files beside it. */
export default defineEventHandler(async event => {
  const slug = getRouterParam(event, 'team') ?? ''
  const team = /^[a-z0-9-]{1,100}$/.test(slug) ? await asAnonymous(tx => findPortalTeam(tx, slug)) : undefined
  if (!team) throw notFound()
  const caller = await findPortalCaller(event, team)
  if (caller === null || caller === 'not_client') throw notFound()
  const { q, lang } = parseQuery(event, portalSuggestionQuery)
  const found = await caller.db(tx => suggestArticles(tx, { teamId: team.id, locale: lang }, q))
  setHeader(event, 'cache-control', 'no-store')
  return found.map(({ slug, title, locale, sentence }) => ({
    slug,
    title,
    locale,
    href: articlePath(team.slug, slug),
    sentence: fromMarkup(sentence)
  }))
})
