import type { Followers } from '#shared/types/api'
import type { Db } from '../../db/types'
import type { Caller } from '../caller'
import { requireTicket } from './get'

export async function getFollowers(db: Db, { teamId, userId }: Caller, ticketId: string): Promise<Followers> {
  await requireTicket(db, teamId, ticketId)
  const followers = await db
    .selectFrom('ticket_followers as follower')
    .innerJoin('profiles as person', 'person.id', 'follower.user_id')
    .select(['person.id', 'person.full_name', 'person.avatar_url'])
    .where('follower.team_id', '=', teamId)
    .where('follower.ticket_id', '=', ticketId)
    .orderBy('follower.created_at')
    .orderBy('person.id')
    .execute()
  return { watching: followers.some(({ id }) => id === userId), watchers: followers }
}

export async function followTicket(db: Db, caller: Caller, ticketId: string): Promise<Followers> {
  await requireTicket(db, caller.teamId, ticketId)
  await db
    .insertInto('ticket_followers')
    .values({ team_id: caller.teamId, ticket_id: ticketId, user_id: caller.userId })
    .onConflict(conflict => conflict.doNothing())
    .execute()
  return getFollowers(db, caller, ticketId)
}

export async function unfollowTicket(db: Db, caller: Caller, ticketId: string): Promise<Followers> {
  await requireTicket(db, caller.teamId, ticketId)
  await db
    .deleteFrom('ticket_followers')
    .where('team_id', '=', caller.teamId)
    .where('ticket_id', '=', ticketId)
    .where('user_id', '=', caller.userId)
    .execute()
  return getFollowers(db, caller, ticketId)
}
