import { sql } from 'kysely'
import { attachment, type Attachment } from '#shared/schemas/answers/attachment'
import type { Ticket, TicketDetail } from '#shared/types/api'
import type { Db } from '../../db/types'
import type { Caller } from '../caller'
import { Refusal, notFound } from '../refusal'
import { objectKey } from './upload'

/** What a team that has not decided does with files that no scanner has seen. */
export type UnscannedPolicy = 'block' | 'warn'

export const attachmentColumns = (Object.keys(attachment.shape) as (keyof Attachment)[]).map(name => `file.${name}` as const)
export const attachmentView = sql<Attachment & { position: number }>`private.attachment_rows`.as('file')

/** The attachments of `reply`, for the select list of a query; private.tg_ticket_attachments__broadcast() sends the same rows. */
export const replyAttachments = sql<Attachment[]>`coalesce((
  select jsonb_agg(to_jsonb(file) - 'position' order by file.position)
  from private.attachment_rows as file where file.team_id = reply.team_id and file.reply_id = reply.id
), '[]')`

/** Adds the files of the ticket itself: at most 100, besides those that were removed. */
export async function withAttachments<T extends Ticket>(db: Db, ticket: T): Promise<T & Pick<TicketDetail, 'attachments'>> {
  const attachments = await db
    .selectFrom(attachmentView)
    .select(attachmentColumns)
    .where('file.team_id', '=', ticket.team_id)
    .where('file.ticket_id', '=', ticket.id)
    .where('file.reply_id', 'is', null)
    .orderBy('file.created_at')
    .orderBy('file.position')
    .execute()
  return { ...ticket, attachments }
}

/** Which message gets the files. Without `replyId`, the ticket itself. */
export interface Target {
  ticketId: string
  replyId?: string
}

/**
 * Turns uploads of the caller into attachments. Throws 400 for an upload that the caller does not have, 409 `upload_used`,
 * `upload_unfinished` and `upload_unscanned` (if the team, or else `unscanned`, blocks such files), 422 `upload_infected` and
 * `too_many_attachments`, 404 for a ticket or reply that the caller does not see, 403 for a reply of somebody else and in a closed ticket.
 */
export async function attachUploads(
  db: Db,
  { teamId }: Caller,
  { ticketId, replyId }: Target,
  uploadIds: readonly string[],
  unscanned: UnscannedPolicy
): Promise<void> {
  if (uploadIds.length === 0) return
  await sql`select private.attach_uploads(${teamId}, ${ticketId}, ${replyId ?? null}, ${uploadIds}::uuid[], ${unscanned})`.execute(db)
}

/** Attaches one upload and returns the attachment. Throws what `attachUploads` throws. */
export async function attachUpload(
  db: Db,
  caller: Caller,
  target: Target,
  uploadId: string,
  unscanned: UnscannedPolicy
): Promise<Attachment> {
  await attachUploads(db, caller, target, [uploadId], unscanned)
  return getAttachment(db, caller.teamId, uploadId)
}

/**
 * Finds the message that gets files, before they are stored. Throws 404 for a ticket or reply that the caller does not see, 403 for a reply
 * of somebody else and in a closed ticket.
 */
export async function requireTarget(db: Db, teamId: string, target: { ticketId: string } | { replyId: string }): Promise<Target> {
  const found = 'ticketId' in target ? target : await targetOfReply(db, teamId, target.replyId)
  const replyId = 'replyId' in found ? found.replyId : null
  await sql`select private.require_attachable_message(${teamId}, ${found.ticketId}, ${replyId})`.execute(db)
  return found
}

async function targetOfReply(db: Db, teamId: string, replyId: string): Promise<{ ticketId: string; replyId: string }> {
  const reply = await db
    .selectFrom('ticket_replies')
    .select('ticket_id')
    .where('team_id', '=', teamId)
    .where('id', '=', replyId)
    .executeTakeFirst()
  if (!reply) throw notFound()
  return { ticketId: reply.ticket_id, replyId }
}

/**
 * The attachment whose content a caller may download. Throws 404, 410 `attachment_removed` and `attachment_infected` if the content is
 * deleted, 409 `attachment_unscanned` if the team, or else `unscanned`, blocks such files.
 */
export async function getDownload(db: Db, teamId: string, attachmentId: string, unscanned: UnscannedPolicy): Promise<Attachment> {
  const file = await getAttachment(db, teamId, attachmentId)
  if (file.removed_at !== null) throw new Refusal(410, 'attachment_removed', `${file.name} was removed`)
  if (file.state === 'infected') throw new Refusal(410, 'attachment_infected', `${file.name} was infected and is deleted`)
  if (file.state === 'unscanned' && (await blocksUnscanned(db, teamId, unscanned)))
    throw new Refusal(409, 'attachment_unscanned', `${file.name} waits for the virus scanner; try again later`)
  return file
}

/** Removes the content; the row stays and says who removed it. Returns the path of the content, to be deleted after the commit. */
export async function removeAttachment(db: Db, teamId: string, attachmentId: string): Promise<string> {
  await sql`select private.remove_attachment(${teamId}, ${attachmentId})`.execute(db)
  return objectKey(teamId, attachmentId)
}

async function getAttachment(db: Db, teamId: string, attachmentId: string): Promise<Attachment> {
  const file = await db
    .selectFrom(attachmentView)
    .select(attachmentColumns)
    .where('file.team_id', '=', teamId)
    .where('file.id', '=', attachmentId)
    .executeTakeFirst()
  if (!file) throw notFound()
  return file
}

/** Whether the team, or else `unscanned`, blocks files that no scanner has seen. */
export async function blocksUnscanned(db: Db, teamId: string, unscanned: UnscannedPolicy): Promise<boolean> {
  const {
    rows: [row]
  } = await sql<{ blocks: boolean }>`select private.blocks_unscanned(${teamId}, ${unscanned}) as blocks`.execute(db)
  return row!.blocks
}
