import { setImmediate } from 'node:timers/promises'
import { sql, type SqlBool } from 'kysely'
import type { SearchRequest } from '#shared/schemas/ticket'
import type { FoundArticle, FoundReply, FoundTicket, SearchResults } from '#shared/types/api'
import { markdownText } from '#shared/utils/markdown'
import { mentionsAsText } from '#shared/utils/mentions'
import { parseSearch, positiveTerms, type SearchTerm } from '#shared/utils/search-query'
import { highlight, snippet, toMarkup } from '#shared/utils/snippet'
import type { Db } from '../db/types'
import { findArticles } from './article/search'
import type { Caller } from './caller'
import { mentions, replyAuthor } from './reply'
import { evaluatedOnce, operatorConditions, wordsOf, type Words } from './ticket/filter'
import { sharedTicketRows } from './ticket/columns'

// Ranking reads each match. Of a very common word only this many of the newest matches are ranked.
const maxRanked = 500

// Characters of a text that a snippet may come from. The search itself covers the whole text.
const maxExcerpted = 6_000

const maxArticles = 5
const leastCoverage = 0.5

interface Search {
  terms: SearchTerm[]
  conditions: ReturnType<typeof operatorConditions>
  limit: number
}

/**
 * Finds tickets, replies and published articles that contain the words of `q` and match its operators: at most `limit` of each and five
 * articles, by rank, then the newest first. A ticket whose number is `q` comes first. A query without words returns the newest tickets
 * that match the operators.
 */
export async function searchTeam(db: Db, caller: Caller, { q, limit }: SearchRequest): Promise<SearchResults> {
  const query = parseSearch(q)
  if (query.items.length === 0) return { tickets: [], replies: [], articles: [] }
  const words = wordsOf(query, caller.teamId)
  const terms = positiveTerms(query)
  const conditions = operatorConditions(query, caller)
  const search = { terms, conditions, limit }
  const tickets = await findTickets(db, caller.teamId, { ...search, words })
  const replies = words && terms.length > 0 ? await findReplies(db, caller.teamId, { ...search, words }) : []
  const isPlain = conditions.length === 0 && query.items.flat().every(({ not }) => !not)
  const articles = isPlain && terms.length > 0 ? await findTeamArticles(db, caller.teamId, terms) : []
  return { tickets, replies, articles }
}

async function findTickets(
  db: Db,
  teamId: string,
  { words, terms, conditions, limit }: Search & { words: Words | undefined }
): Promise<FoundTicket[]> {
  const most = conditions.length > 0 ? null : maxRanked
  const rows = await sharedTicketRows(db)
    .select([
      sql<string>`left(ticket.description, ${maxExcerpted})`.as('text'),
      (words
        ? sql<number>`case when ticket.ticket_number = ${words.number} then 1000 else ts_rank_cd(ticket.search, ${words.query}, 1) end::real`
        : sql<number>`0::real`
      ).as('rank')
    ])
    .where('ticket.team_id', '=', teamId)
    .$if(words !== undefined, rows =>
      rows.where(
        sql<SqlBool>`ticket.id in ${evaluatedOnce(sql`private.found_tickets(${teamId}, ${words?.query}, ${words?.pattern}, ${words?.number}, ${most}, ${words?.checks})`)}`
      )
    )
    .$call(rows => conditions.reduce((rows, condition) => rows.where(condition), rows))
    .orderBy('rank', 'desc')
    .orderBy('ticket.created_at', 'desc')
    .orderBy('ticket.id', 'desc')
    .limit(limit)
    .execute()
  return addSnippets(rows, ({ text, description: _, ...ticket }) => ({ ...ticket, snippet: toMarkup(snippet(text, terms)) }))
}

// Policies filter the replies that `found_replies()` finds: only those who may read internal notes get them.
async function findReplies(db: Db, teamId: string, { words, terms, conditions, limit }: Search & { words: Words }): Promise<FoundReply[]> {
  const most = conditions.length > 0 ? null : maxRanked
  const rows = await db
    .selectFrom('ticket_replies as reply')
    .innerJoin('tickets as ticket', 'ticket.id', 'reply.ticket_id')
    .innerJoin('profiles as author', 'author.id', 'reply.user_id')
    .select([
      'reply.id',
      'reply.ticket_id',
      'reply.is_internal',
      'reply.created_at',
      'ticket.ticket_number',
      'ticket.subject',
      replyAuthor.as('author'),
      sql<string>`regexp_replace(left(reply.content, ${maxExcerpted}), '<@[0-9a-f-]{0,36}$', '')`.as('text'), // drops a mention token that was cut in two
      mentions.as('mentions'),
      sql<number>`ts_rank_cd(reply.search, ${words.query}, 1)`.as('rank')
    ])
    .where('reply.team_id', '=', teamId)
    .where(sql<SqlBool>`reply.id in ${evaluatedOnce(sql`private.found_replies(${teamId}, ${words.query}, ${most}, ${words.checks})`)}`)
    .$call(rows => conditions.reduce((rows, condition) => rows.where(condition), rows))
    .orderBy('rank', 'desc')
    .orderBy('reply.created_at', 'desc')
    .orderBy('reply.id', 'desc')
    .limit(limit)
    .execute()
  return addSnippets(rows, ({ text, mentions, ...reply }) => ({
    ...reply,
    snippet: toMarkup(snippet(mentionsAsText(text, mentions), terms))
  }))
}

// With less of the words, an article has one or two of them by chance.
async function findTeamArticles(db: Db, teamId: string, terms: SearchTerm[]): Promise<FoundArticle[]> {
  const found = await findArticles(db, { teamId, locale: 'en' }, { q: terms.map(({ text }) => text).join(' '), most: maxArticles })
  return addSnippets(
    found.filter(({ coverage }) => coverage >= leastCoverage),
    ({ id, locale, title, audience, rank, content }) => ({
      id,
      locale,
      title: toMarkup(highlight(title, terms)),
      audience,
      rank,
      snippet: toMarkup(snippet(markdownText(content), terms))
    })
  )
}

/** Yields to the event loop after each snippet: a hundred of them take a second. */
async function addSnippets<Row, Found>(rows: Row[], excerpt: (row: Row) => Found): Promise<Found[]> {
  const found: Found[] = []
  for (const row of rows) {
    found.push(excerpt(row))
    await setImmediate()
  }
  return found
}
