import { sql } from 'kysely'
import type { RatingUpdate } from '#shared/schemas/rating'
import type { Rating } from '#shared/types/api'
import type { Db } from '../db/types'
import { notFound } from './refusal'
import { digest, newSecret } from './secret'

/**
 * Issues a token that can rate the ticket for 30 days, while `requesterEmail` is its requester. Only the mail holds it: the database
 * stores its SHA-256.
 */
export async function issueRatingToken(db: Db, teamId: string, ticketId: string, requesterEmail: string): Promise<string> {
  const token = newSecret()
  await sql`
    insert into private.rating_tokens (token_hash, team_id, ticket_id, recipient)
    values (${digest(token)}, ${teamId}, ${ticketId}, lower(btrim(${requesterEmail})))`.execute(db)
  return token
}

/** Throws 404 for a token older than 30 days, and for a deleted ticket. */
export async function getRating(db: Db, token: string): Promise<Rating> {
  const {
    rows: [rating]
  } = await sql<Rating>`select * from private.rating_preview(${digest(token)})`.execute(db)
  if (!rating) throw notFound()
  return rating
}

/** Throws 404 for an expired token, 409 `rating_final` after 19 changes. */
export async function saveRating(db: Db, token: string, { score, comment }: RatingUpdate): Promise<Rating> {
  await sql`select private.save_rating(${digest(token)}, ${score}, ${comment})`.execute(db)
  return getRating(db, token)
}
