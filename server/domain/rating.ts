import { sql } from 'kysely'
import type { RatingUpdate } from '#shared/schemas/rating'
import type { Rating } from '#shared/types/api'
import type { Db } from '../db/types'
import { notFound } from './refusal'
import { digest, newSecret } from './secret'

/**
 * Asks the requester of a ticket for a rating: returns a token that rates its present resolution for 30 days, or `refusal`, why they are not
 * asked. Only the mail holds the token: the database stores its SHA-256.
 */
export async function requestRating(db: Db, teamId: string, ticketId: string): Promise<{ token: string } | { refusal: string }> {
  const token = newSecret()
  const { rows } = await sql<{ refusal: string | null }>`
    select private.request_rating(${teamId}, ${ticketId}, ${digest(token)}) as refusal`.execute(db)
  const refusal = rows[0]!.refusal
  return refusal === null ? { token } : { refusal }
}

/** Throws 404 for a token older than 30 days, and for a deleted ticket. */
export async function getRating(db: Db, token: string): Promise<Rating> {
  const {
    rows: [rating]
  } = await sql<Rating>`select * from private.rating_preview(${digest(token)})`.execute(db)
  if (!rating) throw notFound()
  return rating
}

/** Throws 404 for an expired token, 409 `rating_final` 7 days after the first rating and after 19 changes. */
export async function saveRating(db: Db, token: string, { score, comment }: RatingUpdate): Promise<Rating> {
  await sql`select private.save_rating(${digest(token)}, ${score}, ${comment})`.execute(db)
  return getRating(db, token)
}
