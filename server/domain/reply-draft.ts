import type { PageQuery } from '#shared/schemas/page'
import type { ReplyDraftPut } from '#shared/schemas/reply-draft'
import type { DraftedTicket, ReplyDraft } from '#shared/types/api'
import type { Db } from '../db/types'
import { listOf, type List } from './page'
import { Refusal } from './refusal'
import { requireTicket } from './ticket/get'

const columns = ['ticket_id', 'content', 'is_internal', 'version', 'updated_at'] as const

/** The tickets of the team in which the caller has a draft, the latest first. */
export function listReplyDrafts(db: Db, teamId: string, userId: string, query: PageQuery): Promise<List<DraftedTicket>> {
  const rows = db
    .selectFrom('reply_drafts as draft')
    .innerJoin('tickets as ticket', join => join.onRef('ticket.team_id', '=', 'draft.team_id').onRef('ticket.id', '=', 'draft.ticket_id'))
    .select(['draft.ticket_id', 'ticket.ticket_number', 'draft.updated_at'])
    .where('draft.team_id', '=', teamId)
    .where('draft.user_id', '=', userId)
    .orderBy('draft.updated_at', 'desc')
    .orderBy('draft.ticket_id')
  return listOf(db, rows, query)
}

/** The caller's draft in a ticket, null where there is none. Throws 404 for a ticket that is not there for them. */
export async function getReplyDraft(db: Db, teamId: string, ticketId: string, userId: string): Promise<ReplyDraft | null> {
  await requireTicket(db, teamId, ticketId)
  return storedDraft(db, teamId, ticketId, userId)
}

/**
 * Stores what the caller has written so far; the empty text deletes the draft, and the answer is null. With `version`,
 * throws 412 (with the stored draft or null) when another device has written something else since.
 */
export async function saveReplyDraft(
  db: Db,
  teamId: string,
  ticketId: string,
  userId: string,
  { version, ...fields }: ReplyDraftPut
): Promise<ReplyDraft | null> {
  await requireTicket(db, teamId, ticketId)
  const saved =
    fields.content === ''
      ? await deleteDraft(db, teamId, ticketId, userId, version)
      : await writeDraft(db, teamId, ticketId, userId, fields, version)
  if (saved !== undefined) return saved
  const current = await storedDraft(db, teamId, ticketId, userId)
  // Sent twice, because a page that was closing did not hear the answer.
  if (current?.content === fields.content && current.is_internal === fields.is_internal) return current
  throw new Refusal(412, 'version', 'This draft was changed on another device', { current })
}

/**
 * Ends the draft that has become `content`. With `version`, one that another device has written since stays, unless
 * everything in it has been sent.
 */
export async function endReplyDraft(
  db: Db,
  teamId: string,
  ticketId: string,
  userId: string,
  content: string,
  version: string | null | undefined
): Promise<void> {
  const own = db.deleteFrom('reply_drafts').where('team_id', '=', teamId).where('ticket_id', '=', ticketId).where('user_id', '=', userId)
  await own
    .$if(version !== undefined, any =>
      any.where(({ eb, fn, val, or }) =>
        or([eb(fn<number>('strpos', [val(content), 'content']), '>', 0), ...(version ? [eb('version', '=', version)] : [])])
      )
    )
    .execute()
}

// Both answer undefined when what is stored is not what `version` says.

async function deleteDraft(
  db: Db,
  teamId: string,
  ticketId: string,
  userId: string,
  version: string | null | undefined
): Promise<null | undefined> {
  const own = db.deleteFrom('reply_drafts').where('team_id', '=', teamId).where('ticket_id', '=', ticketId).where('user_id', '=', userId)
  if (version !== null) await own.$if(version !== undefined, any => any.where('version', '=', version!)).execute()
  return (await storedDraft(db, teamId, ticketId, userId)) ? undefined : null
}

function writeDraft(
  db: Db,
  teamId: string,
  ticketId: string,
  userId: string,
  fields: { content: string; is_internal: boolean },
  version: string | null | undefined
): Promise<ReplyDraft | undefined> {
  if (version) {
    return db
      .updateTable('reply_drafts')
      .set(fields)
      .where('team_id', '=', teamId)
      .where('ticket_id', '=', ticketId)
      .where('user_id', '=', userId)
      .where('version', '=', version)
      .returning(columns)
      .executeTakeFirst()
  }
  return db
    .insertInto('reply_drafts')
    .values({ team_id: teamId, ticket_id: ticketId, user_id: userId, ...fields })
    .onConflict(conflict => {
      const same = conflict.columns(['team_id', 'ticket_id', 'user_id'])
      return version === null ? same.doNothing() : same.doUpdateSet(fields)
    })
    .returning(columns)
    .executeTakeFirst()
}

async function storedDraft(db: Db, teamId: string, ticketId: string, userId: string): Promise<ReplyDraft | null> {
  const draft = await db
    .selectFrom('reply_drafts')
    .select(columns)
    .where('team_id', '=', teamId)
    .where('ticket_id', '=', ticketId)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return draft ?? null
}
