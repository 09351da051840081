import { sql } from 'kysely'
import { maxArticleLength } from '#shared/article'
import type { Locale } from '#shared/texts/locale'
import type { Article, Ticket } from '#shared/types/api'
import { cutText } from '#shared/utils/cut'
import { asMarkdown } from '#shared/utils/placeholders'
import type { Db } from '../../db/types'
import type { Caller } from '../caller'
import { Refusal } from '../refusal'
import { getTicket } from '../ticket/get'
import { anonymise, anonymiseReply, withoutQuotes, type KnownPeople } from './anonymise'
import { createArticle } from './article'
import { addCitations } from './citation'

const maxTitle = 200
// The longest replies, of which the one with the most text of its own is taken.
const candidates = 20

/**
 * Drafts an article from a resolved ticket, which cites it: its subject, and the longest public reply of an agent before the resolution,
 * without names, addresses, phone numbers and ids in links. Throws 404 for an unknown ticket, 409 `not_resolved`, 409 `already_drafted`
 * with `article_id`, 422 `no_answer` without such a reply.
 */
export async function draftArticle(db: Db, caller: Caller, ticketId: string): Promise<Article> {
  const { teamId } = caller
  const ticket = await getTicket(db, teamId, ticketId)
  if (ticket.status !== 'resolved' && ticket.status !== 'closed')
    throw new Refusal(409, 'not_resolved', 'An article is drafted from a ticket that is resolved')
  const known = await findDraft(db, ticket)
  if (known) throw new Refusal(409, 'already_drafted', 'An article was drafted from this ticket already', { article_id: known })
  const answer = await findAnswer(db, ticket)
  if (!answer) throw new Refusal(422, 'no_answer', 'Nobody of the team has answered this ticket in public')
  const people = await findPeople(db, ticket)
  const title = cutText(anonymise(ticket.subject.replace(/^(?:(?:re|fwd?|aw|wg)\s*:\s*)+/i, ''), people), maxTitle)[0]!.trim()
  // Markers may be longer than what they replace.
  const content = cutText(anonymiseReply(answer.content, { ...people, names: [...people.names, ...answer.names] }), maxArticleLength)[0]!
  const article = await createArticle(db, teamId, {
    locale: await languageOf(db, ticket),
    title,
    content,
    category_id: null,
    audience: 'internal'
  })
  await addCitations(db, caller, ticketId, [{ id: article.id, kind: 'draft' }])
  return article
}

/** A draft from this ticket that the caller may read. */
async function findDraft(db: Db, { id, team_id }: Ticket): Promise<string | undefined> {
  const row = await db
    .selectFrom('ticket_articles as citation')
    .innerJoin('articles as article', 'article.id', 'citation.article_id')
    .select('article.id')
    .where('citation.team_id', '=', team_id)
    .where('citation.ticket_id', '=', id)
    .where('citation.kind', '=', 'draft')
    .executeTakeFirst()
  return row?.id
}

async function findAnswer(db: Db, { id, team_id, resolved_at }: Ticket): Promise<{ content: string; names: string[] } | undefined> {
  const replies = await db
    .selectFrom('ticket_replies as reply')
    .innerJoin('profiles as author', 'author.id', 'reply.user_id')
    .select(['reply.content', 'reply.format', 'reply.external_author', 'author.full_name'])
    .where('reply.team_id', '=', team_id)
    .where('reply.ticket_id', '=', id)
    .where('reply.is_internal', '=', false)
    .where('reply.author_kind', '=', 'agent')
    .$if(resolved_at !== null, rows => rows.where('reply.created_at', '<=', sql<string>`${resolved_at}::timestamptz`))
    .orderBy(sql`length(reply.content)`, 'desc')
    .orderBy('reply.created_at', 'desc')
    .limit(candidates)
    .execute()
  const [best] = replies
    .map(({ content, format, full_name, external_author }) => ({
      content: format === 'text' ? content.split('\n').map(escapeLine).join('\n') : content,
      length: withoutQuotes(content)
        .replace(/https?:\/\/\S+/g, '')
        .trim().length,
      names: [full_name, external_author].filter(name => name !== null)
    }))
    .filter(({ length }) => length > 0)
    .toSorted((one, other) => other.length - one.length)
  return best
}

// A quoted line stays one, so that it is left out.
function escapeLine(line: string): string {
  return line.startsWith('>') ? line : asMarkdown(line)
}

/** The contacts of the ticket, with all of their names and addresses. */
async function findPeople(db: Db, { id, team_id, contact_id, requester_name, requester_email }: Ticket): Promise<KnownPeople> {
  const { rows } = await sql<{ name: string | null; addresses: string[] }>`
    select contact.name, array(
      select address.address from contact_addresses as address
      where address.team_id = contact.team_id and address.contact_id = contact.id limit 20
    ) as addresses
    from contacts as contact
    where contact.team_id = ${team_id} and (contact.id = ${contact_id} or contact.id in (
      select entry.contact_id from ticket_participants as entry where entry.team_id = ${team_id} and entry.ticket_id = ${id}
    ))`.execute(db)
  return {
    names: [requester_name, ...rows.map(({ name }) => name)].filter(name => name !== null),
    addresses: [...(requester_email === null ? [] : [requester_email]), ...rows.flatMap(({ addresses }) => addresses)]
  }
}

/** The language of the requester, in which the agent has answered. */
async function languageOf(db: Db, { team_id, contact_id }: Ticket): Promise<Locale> {
  const contact =
    contact_id === null
      ? undefined
      : await db
          .selectFrom('contacts')
          .select('locale')
          .where('team_id', '=', team_id)
          .where('id', '=', contact_id)
          .$castTo<{ locale: Locale | null }>()
          .executeTakeFirst()
  return contact?.locale ?? 'en'
}
