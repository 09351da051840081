import { sql } from 'kysely'
import type { Upload } from '#shared/types/api'
import type { Db } from '../../db/types'
import type { Caller } from '../caller'
import { notFound } from '../refusal'

/** What the server knows of a file that it has received. */
export interface FileFacts {
  name: string
  /** Bytes. */
  size: number
  /** Hexadecimal. */
  sha256: string
  contentType: string
}

/** What became of a received file. */
export type UploadResult = { state: 'clean' | 'unscanned' } | { state: 'infected'; signature: string }

/** The path of a file in the bucket. The name that people see is no part of it. */
export function objectKey(teamId: string, fileId: string): string {
  return `${teamId}/${fileId}`
}

/** The caller's own upload. Throws 404 for any other. */
export async function getUpload(db: Db, teamId: string, uploadId: string): Promise<Upload> {
  const upload = await db
    .selectFrom('uploads')
    .select(['id', 'team_id', 'name', 'size', 'sha256', 'content_type', 'signature', 'created_at', 'expires_at'])
    .select(eb => eb.ref('state').$castTo<Upload['state']>().as('state'))
    .where('team_id', '=', teamId)
    .where('id', '=', uploadId)
    .executeTakeFirst()
  if (!upload) throw notFound()
  return upload
}

/** Records a received file before it is scanned and stored, and returns its id. Throws 422 `too_many_uploads` when 100 wait to be sent. */
export async function createUpload(db: Db, { teamId }: Caller, file: FileFacts, state: 'receiving' | 'scanning'): Promise<string> {
  const { name, size, sha256, contentType } = file
  const {
    rows: [created]
  } = await sql<{
    id: string
  }>`select private.create_upload(${teamId}, ${name}, ${size}::integer, ${sha256}, ${contentType}, ${state}) as id`.execute(db)
  return created!.id
}

/** Ends receiving. Throws 404 for an upload that the caller deleted meanwhile. */
export async function finishUpload(db: Db, { teamId }: Caller, uploadId: string, result: UploadResult): Promise<Upload> {
  const signature = result.state === 'infected' ? result.signature : null
  await sql`select private.finish_upload(${teamId}, ${uploadId}, ${result.state}, ${signature})`.execute(db)
  return getUpload(db, teamId, uploadId)
}

export async function deleteUpload(db: Db, teamId: string, uploadId: string): Promise<void> {
  await sql`select private.delete_upload(${teamId}, ${uploadId})`.execute(db)
}
