import { sql } from 'kysely'
import type { Db } from '../../db/types'
import type { UnscannedPolicy } from '../attachment/attachment'
import type { FileFacts, UploadResult } from '../attachment/upload'

/**
 * Records a file that a client sends, before it is scanned and stored, and returns its id. `number` is the ticket that it is for; null for
 * a new one. Throws 404 for a ticket that the client does not take part in, 429 after 100 files in an hour.
 */
export async function createClientUpload(
  db: Db,
  teamId: string,
  { number, file, state }: { number: number | null; file: FileFacts; state: 'receiving' | 'scanning' }
): Promise<string> {
  const { name, size, sha256, contentType } = file
  const { rows } = await sql<{ id: string }>`
    select private.create_client_upload(${teamId}, ${number}::integer, ${name}, ${size}::integer, ${sha256}, ${contentType}, ${state}) as id
  `.execute(db)
  return rows[0]!.id
}

/** Ends receiving. */
export async function finishClientUpload(db: Db, teamId: string, uploadId: string, result: UploadResult): Promise<void> {
  const signature = result.state === 'infected' ? result.signature : null
  await sql`select private.finish_client_upload(${teamId}, ${uploadId}, ${result.state}, ${signature})`.execute(db)
}

/** Forgets an upload whose message was refused. Throws 404 for one that was sent. */
export async function deleteClientUpload(db: Db, teamId: string, uploadId: string): Promise<void> {
  await sql`select private.delete_client_upload(${teamId}, ${uploadId})`.execute(db)
}

/**
 * Turns uploads into files of a ticket, or of a reply in it, that the client has just written. Returns the uploads that are deleted
 * because the message has the same file already. Throws 409 `upload_unscanned`, 422 `too_many_attachments`.
 */
export async function attachClientUploads(
  db: Db,
  teamId: string,
  { number, replyId, uploadIds, unscanned }: { number: number; replyId: string | null; uploadIds: string[]; unscanned: UnscannedPolicy }
): Promise<string[]> {
  const { rows } = await sql<{ repeated: string[] }>`
    select private.attach_client_uploads(${teamId}, ${number}, ${replyId}::uuid, ${uploadIds}::uuid[], ${unscanned}) as repeated
  `.execute(db)
  return rows[0]!.repeated
}
