import type { PageQuery } from '#shared/schemas/page'
import type { ReplyDraftPut } from '#shared/schemas/reply-draft'
import type { DraftedTicket, ReplyDraft } from '#shared/types/api'
import type { Db } from '../db/types'
import type { Caller } from './caller'
import { listOf, type List } from './page'
import { Refusal } from './refusal'
import { requireTicket } from './ticket/get'

const columns = ['ticket_id', 'content', 'is_internal', 'version', 'updated_at'] as const

export function listReplyDrafts(db: Db, { teamId, userId }: Caller, query: PageQuery): Promise<List<DraftedTicket>> {
  const rows = db
    .selectFrom('reply_drafts as draft')
    .innerJoin('tickets as ticket', 'ticket.id', 'draft.ticket_id')
    .select(['draft.ticket_id', 'ticket.ticket_number', 'draft.updated_at'])
    .where('draft.team_id', '=', teamId)
    .where('draft.user_id', '=', userId)
    .orderBy('draft.updated_at', 'desc')
    .orderBy('draft.ticket_id')
  return listOf(db, rows, query)
}

export async function getReplyDraft(db: Db, caller: Caller, ticketId: string): Promise<ReplyDraft | null> {
  await requireTicket(db, caller.teamId, ticketId)
  return storedDraft(db, caller, ticketId)
}

/**
 * Stores the caller's draft. Empty text deletes it, and returns null. With `version`, throws 412 (with the stored draft or null) when
 * another device has saved something else since.
 */
export async function saveReplyDraft(db: Db, caller: Caller, ticketId: string, draft: ReplyDraftPut): Promise<ReplyDraft | null> {
  await requireTicket(db, caller.teamId, ticketId)
  const saved =
    draft.content === '' ? await deleteDraft(db, caller, ticketId, draft.version) : await writeDraft(db, caller, ticketId, draft)
  if (saved !== undefined) return saved
  const current = await storedDraft(db, caller, ticketId)
  // A page that was closing may have saved the same draft without getting the answer.
  if (current?.content === draft.content && current.is_internal === draft.is_internal) return current
  throw new Refusal(412, 'version', 'This draft was changed on another device', { current })
}

/**
 * Deletes the draft that was sent as `content`. With `version`, keeps a draft that another device has saved since, unless `content`
 * contains all of it.
 */
export async function endReplyDraft(
  db: Db,
  caller: Caller,
  ticketId: string,
  { content, version }: Pick<ReplyDraftPut, 'content' | 'version'>
): Promise<void> {
  await deletionOf(db, caller, ticketId)
    .$if(version !== undefined, any =>
      any.where(({ eb, fn, val, or }) =>
        or([eb(fn<number>('strpos', [val(content), 'content']), '>', 0), ...(version ? [eb('version', '=', version)] : [])])
      )
    )
    .execute()
}

// deleteDraft and writeDraft return undefined when the stored draft has another version.

async function deleteDraft(db: Db, caller: Caller, ticketId: string, version: ReplyDraftPut['version']): Promise<null | undefined> {
  if (version !== null)
    await deletionOf(db, caller, ticketId)
      .$if(version !== undefined, any => any.where('version', '=', version!))
      .execute()
  return (await storedDraft(db, caller, ticketId)) ? undefined : null
}

function deletionOf(db: Db, { teamId, userId }: Caller, ticketId: string) {
  return db.deleteFrom('reply_drafts').where('team_id', '=', teamId).where('ticket_id', '=', ticketId).where('user_id', '=', userId)
}

function writeDraft(
  db: Db,
  { teamId, userId }: Caller,
  ticketId: string,
  { version, ...fields }: ReplyDraftPut
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

async function storedDraft(db: Db, { teamId, userId }: Caller, ticketId: string): Promise<ReplyDraft | null> {
  const draft = await db
    .selectFrom('reply_drafts')
    .select(columns)
    .where('team_id', '=', teamId)
    .where('ticket_id', '=', ticketId)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return draft ?? null
}
