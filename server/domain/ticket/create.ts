import type { TicketCreate } from '#shared/schemas/ticket'
import type { Ticket } from '#shared/types/api'
import type { Db } from '../../db/types'
import type { Caller } from '../caller'
import { getTicket } from './get'
import { addTags } from './tags'

/** Throws 403 when `assigned_to` or a closed status needs a permission that the caller lacks, 400 for an unknown category or assignee. */
export async function createTicket(db: Db, { teamId, userId }: Caller, { tags, ...fields }: TicketCreate): Promise<Ticket> {
  const { id } = await db
    .insertInto('tickets')
    .values({ ...fields, team_id: teamId, created_by: userId })
    .returning('id')
    .executeTakeFirstOrThrow()
  await addTags(db, teamId, id, tags)
  return getTicket(db, teamId, id)
}
