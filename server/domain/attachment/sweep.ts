import { sql } from 'kysely'
import type { Db } from '../../db/types'

/**
 * Deletes up to `limit` uploads that expired or whose receiving was interrupted more than an hour ago, and returns how many. Their
 * content is an orphan from then on.
 */
export async function removeStaleUploads(db: Db, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from uploads where id = any (array(
      select id from uploads
      where expires_at < now() or (state in ('receiving', 'scanning') and created_at < now() - interval '1 hour')
      order by expires_at limit ${limit} for update skip locked
    ))`.execute(db)
  return Number(numAffectedRows ?? 0n)
}

/** Deletes up to `limit` pictures that no text of an article has named for a day, and returns how many. Their content is an orphan then. */
export async function removeUnusedImages(db: Db, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from private.article_images where id = any (array(
      select id from private.article_images where unused_since < now() - interval '24 hours'
      order by unused_since limit ${limit} for update skip locked
    ))`.execute(db)
  return Number(numAffectedRows ?? 0n)
}

/**
 * The paths of up to `limit` objects, in their order behind `after`, that no row needs any more: the row was deleted, the file was removed
 * or found infected. A row is committed before its object is stored, so an object without a row is never one that is being uploaded.
 */
export async function listOrphanedObjects(db: Db, after: string, limit: number): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select object.name from storage.objects as object
    cross join lateral (
      select case when object.name ~ '^[0-9a-f-]{36}/[0-9a-f-]{36}$' then split_part(object.name, '/', 2)::uuid end as id
    ) as file
    where object.bucket_id = 'attachments' and object.name collate "C" > ${after}
      and not exists (select from uploads as upload where upload.id = file.id and upload.state <> 'infected')
      and not exists (
        select from ticket_attachments as attachment
        where attachment.id = file.id and attachment.removed_at is null and attachment.state <> 'infected'
      )
      and not exists (select from private.article_images as image where image.id = file.id and image.state <> 'infected')
    order by object.name collate "C" limit ${limit}`.execute(db)
  return rows.map(({ name }) => name)
}
