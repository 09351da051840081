import { z } from './zod'
import { eventTypes } from './event'
import { cursorListQuery, pageNumber, pageSize } from './page'
import { anyOf, instant, uuid, wholeNumber } from './text'

/** What asks for a page of a log. */
export const paging = {
  page: pageNumber.optional(),
  page_size: pageSize('`page` or `cursor`'),
  cursor: z.string().max(200, 'Not a cursor of this list').optional()
}

const type = anyOf(z.enum(eventTypes, 'Not a type of event')).optional()

/** The history of a ticket. */
export const historyQuery = cursorListQuery(z.strictObject({ type, ...paging }))

/** What narrows the log of a team; `actor=none` is what jobs did, `ticket` an id or a number. */
export const auditFilter = z.strictObject({
  type,
  actor: anyOf(z.union([uuid, z.enum(['me', 'none'])], 'Not a member id, "me" or "none"')).optional(),
  ticket: z.union([uuid, wholeNumber(1, 999_999_999)], 'Not a ticket id or number').optional(),
  from: instant.optional(),
  to: instant.optional()
})

export const auditQuery = cursorListQuery(auditFilter.extend(paging))

export type HistoryQuery = z.output<typeof historyQuery>
export type AuditFilter = z.output<typeof auditFilter>
export type AuditQuery = z.output<typeof auditQuery>
