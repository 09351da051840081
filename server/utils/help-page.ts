import type { H3Event } from 'h3'
import { articlePath } from '#shared/article'
import { helpAnswer, helpListQuery, helpQuery, helpSearchQuery } from '#shared/schemas/portal'
import type { PortalLocale, PortalTeam } from '#shared/types/portal'
import { findHelpArticle, getHelpOverview, listHelpArticles, rateArticle, searchHelp } from '../domain/article/reading'
import { countMissedSearch } from '../domain/article/question'
import type { HelpReader } from '../domain/article/reader'
import type { Run } from './auth'
import type { PortalCaller } from './portal-caller'
import { acceptedLocale, type Answer } from './portal-page'
import type { HelpPlace } from './portal-place'

interface Reader extends HelpReader {
  db: Run
  caller?: PortalCaller
  /** The language in the address, if the help centre offers it; null for that of the account or browser. */
  chosenLocale: PortalLocale | null
}

/** What a page of the help centre shows. Signed-in clients of the team also read what is for clients; all others read what is public. */
export async function helpPage(event: H3Event, team: PortalTeam, place: HelpPlace): Promise<Answer> {
  const reader = await findReader(event, team)
  const { caller, locale, chosenLocale, db } = reader
  const common = { caller, locale, chosenLocale }
  switch (place.page) {
    case 'help':
      return { ...common, view: { page: 'help', ...(await db(tx => getHelpOverview(tx, reader))) } }
    case 'help-articles':
    case 'help-category': {
      const { page } = helpListQuery.parse(getQuery(event))
      const category = place.page === 'help-category' ? place.name : null
      const list = await db(tx => listHelpArticles(tx, reader, { category, page }))
      if (!list) throw notFound()
      return { ...common, view: { page: 'help-list', ...list } }
    }
    case 'help-search': {
      const { q } = helpSearchQuery.parse(getQuery(event))
      const found = await db(tx => searchHelp(tx, reader, q))
      // The script searches for each beginning of a word, so only a search that opens a page counts.
      if (q !== '' && found.length === 0 && getHeader(event, 'sec-fetch-dest') !== 'empty')
        await db(tx => countMissedSearch(tx, team.id, { q, visitor: visitorOf(event) }))
      return { ...common, view: { page: 'help-search', q, found } }
    }
    case 'help-article':
      return articlePage(event, team, place.name, reader)
  }
}

async function articlePage(event: H3Event, team: PortalTeam, address: string, reader: Reader): Promise<Answer> {
  const article = await reader.db(tx => findHelpArticle(tx, reader, address))
  if (!article) throw notFound()
  const path = articlePath(team.slug, article.slug)
  if (article.slug !== address) return { redirect: path, status: 301 }
  let form = emptyForm
  if (event.method === 'POST') {
    const values = await readForm(event)
    const checked = checkForm(helpAnswer, values)
    if (checked.form) {
      setResponseStatus(event, 422)
      form = checked.form
    } else {
      const { helpful, missing } = checked.fields
      try {
        await reader.db(tx => rateArticle(tx, team.id, { address, visitor: visitorOf(event), isHelpful: helpful === 'yes', missing }))
        return { redirect: `${path}?rated=${missing ? 'sent' : helpful}#feedback` }
      } catch (error) {
        form = refusedForm(event, values, error)
      }
    }
  }
  const { rated } = helpQuery.parse(getQuery(event))
  // The page is in the language of the article, unless the reader prefers one that the article does not have: then it says so.
  const isTranslated = [article, ...article.languages].some(({ locale }) => locale === reader.locale)
  return {
    caller: reader.caller,
    chosenLocale: isTranslated ? article.locale : reader.locale,
    view: {
      page: 'help-article',
      article,
      address: new URL(path, useRuntimeConfig().public.siteUrl).href,
      rated: form.values.helpful === 'no' ? 'no' : rated,
      form
    }
  }
}

/** Tells visitors apart, and is stored as a hash that nobody can undo after the day. */
function visitorOf(event: H3Event): string {
  return `${clientNetwork(event)} ${getHeader(event, 'user-agent') ?? ''}`
}

async function findReader(event: H3Event, team: PortalTeam): Promise<Reader> {
  const { lang } = helpQuery.parse(getQuery(event))
  const ifOffered = (locale: PortalLocale | null) => (locale !== null && team.help_locales.includes(locale) ? locale : null)
  const chosenLocale = ifOffered(lang)
  const locale = chosenLocale ?? acceptedLocale(event, team.help_locales)
  const found = await findPortalCaller(event, team)
  if (found !== null && found !== 'not_client')
    return { teamId: team.id, locale: chosenLocale ?? ifOffered(found.client.locale) ?? locale, db: found.db, caller: found, chosenLocale }
  return { teamId: team.id, locale, db: asAnonymous, chosenLocale }
}
