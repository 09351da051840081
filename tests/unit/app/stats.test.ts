import { describe, expect, it } from 'vitest'
import { firstResponseTime, openTicketsPath, ticketListPath } from '~/utils/report/stats'

describe('the mean first response', () => {
  it.each([
    [null, '—'],
    [0, '< 1h'],
    [0.99, '< 1h'],
    [1, '1h'],
    [1.4, '1h'],
    [5.5, '6h'],
    [30, '30h']
  ])('a mean first response of %s hours reads %s', (hours, text) => {
    expect(firstResponseTime(hours)).toBe(text)
  })
})

describe('the list behind a figure', () => {
  it('the link of a figure has its filter in the query', () => {
    expect(openTicketsPath()).toEqual({ path: '/tickets', query: { status: ['open', 'in_progress'] } })
    expect(openTicketsPath({ category: ['bug'] })).toEqual({
      path: '/tickets',
      query: { status: ['open', 'in_progress'], category: 'bug' }
    })
    expect(ticketListPath({ status: ['waiting'] })).toEqual({ path: '/tickets', query: { status: 'waiting' } })
    expect(ticketListPath({ resolved_from: '2026-11-01T00:00:00Z', sort: 'last_activity_at' })).toEqual({
      path: '/tickets',
      query: { resolved_from: '2026-11-01T00:00:00Z', sort: 'last_activity_at' }
    })
  })
})
