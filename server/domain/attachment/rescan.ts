import { sql } from 'kysely'
import type { Db } from '../../db/types'
import type { UploadResult } from './upload'

export interface UnscannedFile {
  id: string
  team_id: string
  created_at: string
}

/** Up to `limit` files, the oldest first and behind `after`, that no scanner has seen: uploads, attachments and pictures. */
export async function listUnscannedFiles(db: Db, after: UnscannedFile | undefined, limit: number): Promise<UnscannedFile[]> {
  const { rows } = await sql<UnscannedFile>`
    select id, team_id, created_at from (
      select id, team_id, created_at from uploads where state = 'unscanned'
      union all
      select id, team_id, created_at from ticket_attachments where state = 'unscanned' and removed_at is null
      union all
      select id, team_id, created_at from private.article_images where state = 'unscanned'
    ) as file
    where ${after === undefined} or (created_at, id) > (${after?.created_at ?? 'epoch'}::timestamptz, ${after?.id ?? null}::uuid)
    order by created_at, id limit ${limit}`.execute(db)
  return rows
}

/** Records what a scan found. The file may have become an attachment or a picture since it was listed. */
export async function recordScan(db: Db, fileId: string, result: UploadResult): Promise<void> {
  const signature = result.state === 'infected' ? result.signature : null
  await sql`update uploads set state = ${result.state}, signature = ${signature} where id = ${fileId} and state = 'unscanned'`.execute(db)
  await sql`
    update ticket_attachments set state = ${result.state}, signature = ${signature}
    where id = ${fileId} and state = 'unscanned'`.execute(db)
  await sql`
    update private.article_images set state = ${result.state}, signature = ${signature}
    where id = ${fileId} and state = 'unscanned'`.execute(db)
}
