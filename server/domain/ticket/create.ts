import type { TicketCreate } from '#shared/schemas/ticket'
import type { Ticket } from '#shared/types/api'
import type { Db } from '../../db/types'
import { attachUploads, type UnscannedPolicy } from '../attachment/attachment'
import type { Caller } from '../caller'
import { getTicket } from './get'
import { addTags } from './tags'

/**
 * `unscanned` is what a team that has not decided does with unscanned files. Throws 403 when `assigned_to` or a closed status needs a permission that the caller lacks, 400 for an unknown category
 * or assignee, and what `attachUploads` throws.
 */
export async function createTicket(
  db: Db,
  caller: Caller,
  { tags, upload_ids = [], unscanned = 'block', ...fields }: TicketCreate & { unscanned?: UnscannedPolicy }
): Promise<Ticket> {
  const { teamId, userId } = caller
  const { id } = await db
    .insertInto('tickets')
    .values({ ...fields, team_id: teamId, created_by: userId })
    .returning('id')
    .executeTakeFirstOrThrow()
  await addTags(db, teamId, id, tags)
  await attachUploads(db, caller, { ticketId: id }, upload_ids, unscanned)
  return getTicket(db, teamId, id)
}
