import { describe, expect, it } from 'vitest'
import { ticketStatuses } from '#shared/schemas/ticket'
import { closesAt, closingHint } from '~/utils/ticket/ticket'

const resolved_at = '2026-03-10T12:00:00Z'
const now = Date.parse(resolved_at)
const hour = 3_600_000

describe('the automatic closing of a ticket', () => {
  it('a resolved ticket closes auto_close_days after it was resolved', () => {
    expect(closesAt({ status: 'resolved', resolved_at }, 14)).toBe(Date.parse('2026-03-24T12:00:00Z'))
    expect(closesAt({ status: 'resolved', resolved_at }, 1)).toBe(now + 24 * hour)
  })

  it('only resolved tickets close automatically', () => {
    for (const status of ticketStatuses.filter(status => status !== 'resolved')) expect(closesAt({ status, resolved_at }, 14)).toBeNull()
    expect(closesAt({ status: 'resolved', resolved_at: null }, 14)).toBeNull()
  })

  it('the hint says how much time is left until a ticket closes', () => {
    const cases: [number, string][] = [
      [14 * 24, 'Closes in 14 days'],
      [13.6 * 24, 'Closes in 14 days'],
      [3 * 24, 'Closes in 3 days'],
      [24, 'Closes in 1 day'],
      [23, 'Closes in 23 hours'],
      [1, 'Closes in 1 hour'],
      [0.4, 'Closes within the hour'],
      [0, 'Closes within the hour'],
      [-2, 'Closes within the hour']
    ]
    for (const [hours, text] of cases) expect(closingHint(now + hours * hour, now)).toBe(text)
  })
})
