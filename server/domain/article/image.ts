import { sql } from 'kysely'
import { articleImageAddress } from '#shared/article'
import type { ArticleImage } from '#shared/types/api'
import type { UnscannedPolicy } from '../attachment/attachment'
import type { Db } from '../../db/types'
import type { Caller } from '../caller'
import { notFound } from '../refusal'

interface ImageFile {
  id: string
  name: string
  /** Bytes. */
  size: number
  content_type: string
}

/**
 * Turns an upload of the caller into a picture for articles. Throws 409 `upload_unscanned` if the team, or else `unscanned`, blocks files
 * that were not scanned, 422 `not_a_picture` and `article_image_limit`.
 */
export async function keepArticleImage(db: Db, { teamId }: Caller, uploadId: string, unscanned: UnscannedPolicy): Promise<ArticleImage> {
  await sql`select private.keep_article_image(${teamId}, ${uploadId}, ${unscanned})`.execute(db)
  const image = await getArticleImage(db, teamId, uploadId, unscanned)
  return { ...image, address: articleImageAddress(image.id, image.content_type) }
}

/** A picture that the caller may see. Throws 404 for any other, 409 `attachment_unscanned` if the team, or else `unscanned`, blocks it. */
export async function getArticleImage(db: Db, teamId: string, imageId: string, unscanned: UnscannedPolicy): Promise<ImageFile> {
  const { rows } = await sql<ImageFile>`
    select id, name, size, content_type from private.article_image(${teamId}, ${imageId}, ${unscanned})`.execute(db)
  if (!rows[0]) throw notFound()
  return rows[0]
}

/** Which of these pictures the team has. For those who may publish: they see all of them. */
export async function listTeamImages(db: Db, teamId: string, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from private.article_images
    where team_id = ${teamId} and id = any (${ids}::uuid[]) and state <> 'infected'`.execute(db)
  return rows.map(({ id }) => id)
}
