import type { Watch } from '#shared/types/api'
import type { Db } from '../../db/types'
import { requireTicket } from './get'

/** Who follows the ticket, the first first. Throws 404 for one that is not there for the caller. */
export async function getWatch(db: Db, teamId: string, ticketId: string, userId: string): Promise<Watch> {
  await requireTicket(db, teamId, ticketId)
  const watchers = await db
    .selectFrom('ticket_followers as follower')
    .innerJoin('profiles as person', 'person.id', 'follower.user_id')
    .select(['person.id', 'person.full_name', 'person.avatar_url'])
    .where('follower.team_id', '=', teamId)
    .where('follower.ticket_id', '=', ticketId)
    .orderBy('follower.created_at')
    .orderBy('person.id')
    .execute()
  return { watching: watchers.some(({ id }) => id === userId), watchers }
}

/** From now on the caller hears of the ticket as of one of their own; once is as good as twice. */
export async function watchTicket(db: Db, teamId: string, ticketId: string, userId: string): Promise<Watch> {
  await requireTicket(db, teamId, ticketId)
  await db
    .insertInto('ticket_followers')
    .values({ team_id: teamId, ticket_id: ticketId, user_id: userId })
    .onConflict(conflict => conflict.doNothing())
    .execute()
  return getWatch(db, teamId, ticketId, userId)
}

export async function unwatchTicket(db: Db, teamId: string, ticketId: string, userId: string): Promise<Watch> {
  await requireTicket(db, teamId, ticketId)
  await db
    .deleteFrom('ticket_followers')
    .where('team_id', '=', teamId)
    .where('ticket_id', '=', ticketId)
    .where('user_id', '=', userId)
    .execute()
  return getWatch(db, teamId, ticketId, userId)
}
