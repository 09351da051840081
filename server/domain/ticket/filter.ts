import { sql, type ExpressionBuilder, type ExpressionWrapper, type SqlBool } from 'kysely'
import type { TicketFilter } from '#shared/schemas/ticket'
import type { Database } from '../../db/types'

type Builder = ExpressionBuilder<Database & { ticket: Database['tickets'] }, 'ticket'>
type Condition = ExpressionWrapper<Database & { ticket: Database['tickets'] }, 'ticket', SqlBool>

/** The conditions of a filter on `tickets as ticket`; `userId` is who "me" means. */
export function matching(eb: Builder, filter: TicketFilter, userId: string): Condition {
  const all: (Condition | ReturnType<typeof sql<SqlBool>>)[] = []
  const { assigned_to, created_by, created_from, created_to, resolved_from, resolved_to, q, tag } = filter
  if (filter.status) all.push(eb('ticket.status', 'in', filter.status))
  if (filter.priority) all.push(eb('ticket.priority', 'in', filter.priority))
  if (filter.severity) all.push(eb('ticket.severity', 'in', filter.severity))
  if (filter.category) all.push(eb('ticket.category', 'in', filter.category))
  if (assigned_to) {
    const people = assigned_to.filter(value => value !== 'none').map(value => value === 'me' ? userId : value)
    const nobody = assigned_to.includes('none')
    all.push(eb.or([
      ...(people.length > 0 ? [eb('ticket.assigned_to', 'in', people)] : []),
      ...(nobody ? [eb('ticket.assigned_to', 'is', null)] : [])
    ]))
  }
  if (created_by) all.push(eb('ticket.created_by', 'in', created_by.map(value => value === 'me' ? userId : value)))
  if (tag) all.push(sql<SqlBool>`exists (select from ticket_tags as wanted where wanted.team_id = ticket.team_id and wanted.ticket_id = ticket.id and wanted.tag in (${sql.join(tag)}))`)
  if (created_from) all.push(eb('ticket.created_at', '>=', created_from))
  if (created_to) all.push(eb('ticket.created_at', '<', created_to))
  if (resolved_from) all.push(eb('ticket.resolved_at', '>=', resolved_from))
  if (resolved_to) all.push(eb('ticket.resolved_at', '<', resolved_to))
  if (q) all.push(found(q))
  return eb.and(all) as Condition
}

// Subject, requester, or the number: "12", "#12" and "#012" are all ticket 12.
function found(q: string) {
  const pattern = `%${q.replace(/[\\%_]/g, '\\$&')}%`
  const number = /^#?0*(\d{1,9})$/.exec(q)?.[1]
  return sql<SqlBool>`(ticket.subject ilike ${pattern} or ticket.requester_name ilike ${pattern} or ticket.requester_email ilike ${pattern}${number ? sql` or ticket.ticket_number = ${Number(number)}` : sql``})`
}
