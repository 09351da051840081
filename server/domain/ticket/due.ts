import { sql, type RawBuilder, type SqlBool } from 'kysely'

/** The due time of `tickets as ticket` as its index has it: a ticket without one is never due. */
export const dueAt = sql<string>`coalesce(ticket.sla_due_at, 'infinity')`

export const isOverdue: RawBuilder<SqlBool> = sql`${dueAt} <= now()`

/** The warning is out, and the time is not over. */
export const isBreaching: RawBuilder<SqlBool> = sql`(ticket.sla_state is not distinct from 'imminent' and ${dueAt} > now())`
