import { sql } from 'kysely'

/**
 * The name of the author of `reply` if they are no member: a contact, or somebody of an import. Null for a member, and for a contact who
 * was erased: their replies carry the name of the profile of the channel. private.reply_author() does the same for a broadcast.
 */
export const outsiderName = sql<string | null>`coalesce(private.contact_name(reply.team_id, reply.contact_id), reply.external_author)`

/** The name of the actor of the joined row `of`: a contact by their own name, else the joined profile `actor`; null without an actor. */
export const actorNameOf = (of: 'entry' | 'dispatched' | 'notification' | 'event') =>
  sql<string | null>`coalesce(private.contact_name(${sql.ref(`${of}.team_id`)}, ${sql.ref(`${of}.contact_id`)}), actor.full_name)`
