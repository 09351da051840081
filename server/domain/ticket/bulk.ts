import { sql } from 'kysely'
import { bulkLimits, bulkStep } from '#shared/bulk'
import { bulkChange, type BulkChange, type BulkRequest } from '#shared/schemas/bulk'
import type { BulkAnswer, BulkOperation, BulkUndone } from '#shared/types/api'
import type { TicketFilter } from '#shared/schemas/ticket'
import type { Channel, Claims } from '../../db/identity'
import type { Db } from '../../db/types'
import type { Caller } from '../caller'
import { notFound } from '../refusal'
import { filterConditions } from './filter'

const columns = [
  'id',
  'action',
  'value',
  'status',
  'total',
  'processed',
  'updated',
  'restored',
  'skipped',
  'error',
  'created_at',
  'finished_at'
] as const

/**
 * Changes all of these tickets or none. Up to `bulkStep` tickets are changed now; more are left to a job, for which the tickets that match
 * now are stored. Throws 404 when one of them is unknown, 403 when the caller lacks a permission that the action needs, 422 with the
 * numbers of tickets that the change does not fit, and 422 for more than 50,000 tickets.
 */
export async function changeTickets(db: Db, caller: Caller, { ids, filter, ...change }: BulkRequest): Promise<BulkAnswer> {
  const ticketIds = ids ?? (await findTicketIds(db, caller, filter ?? {}))
  const { rows } = await sql<{
    id: string
  }>`select private.begin_bulk_operation(${caller.teamId}, ${change.action}, ${JSON.stringify(change.value)}::text::jsonb, ${ticketIds}::uuid[]) as id`.execute(
    db
  )
  const { id } = rows[0]!
  if (ticketIds.length <= bulkStep) await continueOperation(db, id)
  const { status, total, updated } = await getOperation(db, caller.teamId, id)
  return { operation_id: id, status, total, updated }
}

export async function getOperation(db: Db, teamId: string, operationId: string): Promise<BulkOperation> {
  const row = await db
    .selectFrom('bulk_operations')
    .select(columns)
    .where('team_id', '=', teamId)
    .where('id', '=', operationId)
    .executeTakeFirst()
  if (!row) throw notFound()
  return row as BulkOperation
}

/** Does the next step. Returns false when the operation has ended or another process holds it. `continueUndo` does the same for an undo. */
export async function continueOperation(db: Db, operationId: string): Promise<boolean> {
  const { rows } = await sql<{ ids: string[] | null }>`select private.next_bulk_tickets(${operationId}, ${bulkStep}) as ids`.execute(db)
  const ids = rows[0]?.ids
  if (!ids) return false
  const { team_id, action, value } = await db
    .selectFrom('bulk_operations')
    .select(['team_id', 'action', 'value'])
    .where('id', '=', operationId)
    .executeTakeFirstOrThrow()
  await applyChange(db, team_id, ids, bulkChange.parse({ action, value }))
  await sql`select private.record_bulk_changes(${operationId})`.execute(db)
  return true
}

/**
 * Restores the tickets of an operation, now or by a job, except those that somebody has changed since. Throws 409 for a deletion, for an
 * operation that is still running, and for one that was undone before.
 */
export async function undoOperation(db: Db, teamId: string, operationId: string): Promise<BulkUndone> {
  await sql`select private.begin_bulk_undo(${teamId}, ${operationId})`.execute(db)
  const before = await getOperation(db, teamId, operationId)
  if (before.updated - before.restored - before.skipped <= bulkStep) await continueUndo(db, operationId)
  const { status, restored, skipped } = await getOperation(db, teamId, operationId)
  return { status, restored, skipped }
}

export async function continueUndo(db: Db, operationId: string): Promise<boolean> {
  const { rows } = await sql<{ advanced: boolean }>`select private.continue_bulk_undo(${operationId}, ${bulkStep}) as advanced`.execute(db)
  return rows[0]!.advanced
}

/** An operation that a job continues under the claims of its author. `claims` is null when their API key is revoked or expired. */
export interface UnfinishedOperation {
  id: string
  status: string
  channel: Channel | null
  claims: Claims | null
}

export async function listUnfinishedOperations(db: Db): Promise<UnfinishedOperation[]> {
  const { rows } = await sql<UnfinishedOperation>`
    select operation.id, operation.status, operation.channel,
      case
        when operation.api_key_id is null then jsonb_build_object('sub', operation.user_id)
        when key.id is not null then jsonb_build_object('sub', operation.user_id, 'api_key', jsonb_build_object('id', key.id, 'team_id', key.team_id, 'scopes', key.scopes))
      end as claims
    from bulk_operations as operation
    left join api_keys as key on key.id = operation.api_key_id and (key.expires_at is null or key.expires_at > now())
    where operation.status in ('waiting', 'running', 'undoing')
    order by operation.created_at`.execute(db)
  return rows
}

/** Ends an operation early. Its finished steps stay, and can be undone. Bypasses row-level security. */
export async function failOperation(db: Db, operationId: string, reason: string): Promise<void> {
  await db
    .updateTable('bulk_operations')
    .set({ status: 'failed', error: reason, finished_at: sql<string>`now()` })
    .where('id', '=', operationId)
    .where('status', 'in', ['waiting', 'running', 'undoing'])
    .execute()
}

export async function removeOldOperations(db: Db): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('bulk_operations')
    .where('finished_at', '<', sql<string>`now() - interval '24 hours'`)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

// Finds one more than the limit, so that begin_bulk_operation() refuses too many, like it checks all other rules.
async function findTicketIds(db: Db, caller: Caller, filter: TicketFilter): Promise<string[]> {
  const rows = await db
    .selectFrom('tickets as ticket')
    .select('ticket.id')
    .where('ticket.team_id', '=', caller.teamId)
    .where(eb => filterConditions(eb, filter, caller))
    .limit(bulkLimits.tickets + 1)
    .execute()
  return rows.map(({ id }) => id)
}

async function applyChange(db: Db, teamId: string, ids: string[], change: BulkChange): Promise<void> {
  const these = sql<string>`any(${ids}::uuid[])`
  if (change.action === 'add_tag') {
    await sql`insert into ticket_tags (team_id, ticket_id, tag) select ${teamId}, id, ${change.value} from unnest(${ids}::uuid[]) as id on conflict (team_id, ticket_id, tag) do nothing`.execute(
      db
    )
  } else if (change.action === 'remove_tag') {
    await db
      .deleteFrom('ticket_tags')
      .where('team_id', '=', teamId)
      .where('ticket_id', '=', these)
      .where('tag', '=', change.value)
      .execute()
  } else if (change.action === 'delete') {
    await db.deleteFrom('tickets').where('team_id', '=', teamId).where('id', '=', these).execute()
  } else {
    await db.updateTable('tickets').set(columnsOf(change)).where('team_id', '=', teamId).where('id', '=', these).execute()
  }
}

type ColumnChange = Exclude<BulkChange, { action: 'add_tag' | 'remove_tag' | 'delete' }>

function columnsOf({ action, value }: ColumnChange) {
  switch (action) {
    case 'reassign':
      return { assigned_to: value }
    case 'close':
      return { status: 'closed' }
    case 'set_status':
      return { status: value }
    case 'set_severity':
      return { severity: value }
    case 'set_priority':
      return { priority: value }
    case 'set_category':
      return value
    case 'snooze':
      return { snoozed_until: value }
  }
}
