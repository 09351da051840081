import { sql } from 'kysely'
import { articleAddresses, type CitationKind } from '#shared/article'
import type { ArticleTicketQuery } from '#shared/schemas/article'
import type { ArticleTicket, CitedArticle, Ticket } from '#shared/types/api'
import type { Db } from '../../db/types'
import type { Caller } from '../caller'
import { listOf, type List } from '../page'
import { deleteOrRefuse, Refusal } from '../refusal'
import { requireTicket } from '../ticket/get'
import { requireArticle } from './article'

/** Adds the cited articles that the caller may read to a ticket, the first cited first. */
export async function withArticles<T extends Ticket>(db: Db, ticket: T): Promise<T & { articles: CitedArticle[] }> {
  return { ...ticket, articles: await citedArticles(db, ticket.team_id, ticket.id).execute() }
}

/**
 * Cites an article at a ticket; a citation that exists stays as it is. Throws 404 for a ticket or article that the caller does not see, 422
 * `citation_limit` beyond 50.
 */
export async function citeArticle(
  db: Db,
  caller: Caller,
  { ticketId, articleId }: { ticketId: string; articleId: string }
): Promise<CitedArticle> {
  const { teamId } = caller
  await requireTicket(db, teamId, ticketId)
  await requireArticle(db, teamId, articleId)
  await addCitations(db, caller, ticketId, [{ id: articleId, kind: 'cited' }])
  return citedArticles(db, teamId, ticketId).where('citation.article_id', '=', articleId).executeTakeFirstOrThrow()
}

/** Cites articles that the caller sees. Those that the ticket cites already stay as they are. Throws 422 `citation_limit` beyond 50. */
export async function addCitations(
  db: Db,
  { teamId, userId }: Caller,
  ticketId: string,
  articles: readonly { id: string; kind: CitationKind }[]
): Promise<void> {
  if (articles.length === 0) return
  await db
    .insertInto('ticket_articles')
    .values(articles.map(({ id, kind }) => ({ team_id: teamId, ticket_id: ticketId, article_id: id, kind, cited_by: userId })))
    .onConflict(conflict => conflict.columns(['team_id', 'ticket_id', 'article_id']).doNothing())
    .execute()
}

/** Throws 404 for an article that is not cited there, 403 for the citation of somebody else without `tickets.update`. */
export async function removeCitation(db: Db, teamId: string, ticketId: string, articleId: string): Promise<void> {
  const deletion = db
    .deleteFrom('ticket_articles')
    .where('team_id', '=', teamId)
    .where('ticket_id', '=', ticketId)
    .where('article_id', '=', articleId)
  await deleteOrRefuse(deletion, async () => {
    const known = await citedArticles(db, teamId, ticketId).where('citation.article_id', '=', articleId).executeTakeFirst()
    return known && new Refusal(403, 'forbidden', 'Only an agent can remove what somebody else has cited')
  })
}

/**
 * Cites what a reply brings to the ticket: articles of the team that it links to, and those with the ids `textIds`, whose text is in it.
 * Throws 404 for an unknown article, 422 `article_internal` for an internal article in a public reply, 422 `citation_limit`.
 */
export async function citeInReply(
  db: Db,
  caller: Caller,
  ticketId: string,
  { content, is_internal, textIds }: { content: string; is_internal: boolean; textIds: readonly string[] }
): Promise<void> {
  const inText = await Promise.all(textIds.map(id => requireArticle(db, caller.teamId, id)))
  const linked = await linkedArticles(db, caller.teamId, content)
  const withheld = is_internal ? undefined : [...inText, ...linked].find(({ audience }) => audience === 'internal')
  if (withheld) throw internalArticle()
  await addCitations(db, caller, ticketId, [
    ...inText.map(({ id }) => ({ id, kind: 'text' as const })),
    ...linked.map(({ id }) => ({ id, kind: 'link' as const }))
  ])
}

/** The tickets that cite an article, the last cited first. Throws 404 for an unknown article. */
export async function listArticleTickets(
  db: Db,
  teamId: string,
  articleId: string,
  { before_change, ...page }: ArticleTicketQuery
): Promise<List<ArticleTicket>> {
  await requireArticle(db, teamId, articleId)
  const rows = db
    .selectFrom('ticket_articles as citation')
    .innerJoin('tickets as ticket', 'ticket.id', 'citation.ticket_id')
    .leftJoin('profiles as person', 'person.id', 'citation.cited_by')
    .select([
      'citation.ticket_id',
      'ticket.ticket_number',
      'ticket.subject',
      'ticket.status',
      'citation.kind',
      'citation.created_at as cited_at',
      citedBy.as('cited_by'),
      isBeforeChange.as('is_before_change')
    ])
    .where('citation.team_id', '=', teamId)
    .where('citation.article_id', '=', articleId)
    .$if(before_change === true, any => any.where(isBeforeChange))
    .orderBy('citation.created_at', 'desc')
    .orderBy('citation.ticket_id')
    .$castTo<ArticleTicket>()
  return listOf(db, rows, page)
}

const citedBy = sql`case when person.id is not null then jsonb_build_object('id', person.id, 'full_name', person.full_name) end`

// Cited in the 30 days before the text that readers see now, when they saw another.
const isBeforeChange = sql<boolean>`exists (
  select from article_translations as translation
  where translation.team_id = citation.team_id and translation.article_id = citation.article_id
    and translation.first_published_at <= citation.created_at and translation.published_at > citation.created_at
    and translation.published_at < citation.created_at + interval '30 days')`

function citedArticles(db: Db, teamId: string, ticketId: string) {
  return db
    .selectFrom('ticket_articles as citation')
    .innerJoin('articles as article', 'article.id', 'citation.article_id')
    .leftJoinLateral(titles, on => on.onTrue())
    .leftJoin('profiles as person', 'person.id', 'citation.cited_by')
    .select([
      'citation.article_id',
      sql<string>`coalesce(title.title, 'Untitled')`.as('title'),
      'title.slug',
      'article.audience',
      'article.is_published',
      'citation.kind',
      'citation.created_at as cited_at',
      citedBy.as('cited_by')
    ])
    .where('citation.team_id', '=', teamId)
    .where('citation.ticket_id', '=', ticketId)
    .orderBy('citation.created_at')
    .orderBy('citation.article_id')
    .$castTo<CitedArticle>()
}

// The title and the address of the first language, published ones before drafts, as far as the caller may read them.
const titles = () =>
  sql<{ title: string; slug: string | null }>`(
    select coalesce(revision.title, nullif(draft.title, '')) as title,
      case when revision.id is not null then translation.slug end as slug
    from article_translations as translation
    left join article_revisions as revision on revision.id = translation.published_revision_id
    left join article_drafts as draft on draft.article_id = translation.article_id and draft.locale = translation.locale
    where translation.team_id = article.team_id and translation.article_id = article.id
    order by revision.id is null, translation.locale <> 'en', translation.locale limit 1)`.as<'title'>('title')

async function linkedArticles(db: Db, teamId: string, content: string): Promise<{ id: string; audience: string }[]> {
  const { slugs, ids } = articleAddresses(content)
  if (slugs.length + ids.length === 0) return []
  return db
    .selectFrom('articles as article')
    .select(['article.id', 'article.audience'])
    .where('article.team_id', '=', teamId)
    .where(({ or, exists, selectFrom, eb }) =>
      or([
        eb('article.id', 'in', ids.length > 0 ? ids : [null]),
        exists(
          selectFrom('article_translations as translation')
            .innerJoin('teams as team', 'team.id', 'translation.team_id')
            .select('translation.locale')
            .whereRef('translation.team_id', '=', 'article.team_id')
            .whereRef('translation.article_id', '=', 'article.id').where(sql<boolean>`(team.slug, translation.slug) in (
              select address ->> 'team', address ->> 'article' from jsonb_array_elements(${JSON.stringify(slugs)}::jsonb) as address)`)
        )
      ])
    )
    .orderBy('article.id')
    .execute()
}

function internalArticle(): Refusal {
  const message = 'An article in this reply is for the team only. Write an internal note, or leave the article out.'
  return new Refusal(422, 'article_internal', message, { issues: [{ path: 'content', message }] })
}
