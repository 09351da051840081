import { z } from './zod'
import { eventTypes } from './event'
import { cursorFields, cursorListQuery } from './page'
import { anyOf, instant, uuid, wholeNumber } from './text'

const type = anyOf(z.enum(eventTypes, 'Not a type of event')).optional()

/** Query of the history of one ticket. */
export const historyQuery = cursorListQuery(z.strictObject({ type, ...cursorFields }))

/** Filters of the audit log. `actor=none` selects events of jobs; `ticket` is an id or a number. */
export const auditFilter = z.strictObject({
  type,
  actor: anyOf(z.union([uuid, z.enum(['me', 'none'])], 'Not a member id, "me" or "none"')).optional(),
  ticket: z.union([uuid, wholeNumber(1, 999_999_999)], 'Not a ticket id or number').optional(),
  from: instant.optional(),
  to: instant.optional()
})

export const auditQuery = cursorListQuery(auditFilter.extend(cursorFields))

export type HistoryQuery = z.output<typeof historyQuery>
export type AuditFilter = z.output<typeof auditFilter>
export type AuditQuery = z.output<typeof auditQuery>
