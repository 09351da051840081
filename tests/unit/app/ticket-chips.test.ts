import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Category, Member, TicketType } from '#shared/types/api'
import { filterChips, lastDay, shiftDay } from '~/utils/ticket/ticket-chips'
import { parseListQuery } from '~/utils/ticket/ticket-query'

const ann = 'cccccccc-0000-4000-8000-000000000001'
const names = {
  members: [{ id: ann, full_name: 'Ann Arbor' } as Member],
  categories: [{ key: 'bug', name: 'Bugs' } as Category],
  types: [{ id: ann, name: 'Login' } as TicketType],
  items: []
}
const labels = (query: Record<string, string | string[]>) => filterChips(parseListQuery(query), names).map(({ label }) => label)

describe('chips of the active filters', () => {
  beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-06-01T12:00:00Z') }))
  afterEach(() => void vi.useRealTimers())

  it.each<[Record<string, string | string[]>, string[]]>([
    [{}, []],
    [{ status: ['open', 'waiting'] }, ['Status: Open, Waiting']],
    [{ severity: '1', priority: ['urgent', 'high'] }, ['Priority: High, Urgent', 'Severity: SEV 1']],
    [{ category: ['bug', 'gone'] }, ['Category: Bugs, gone']],
    [{ assigned_to: ['me', 'none', ann] }, ['Assignee: Me, Unassigned, Ann Arbor']],
    [{ created_by: '00000000-0000-4000-8000-000000000000' }, ['Author: Former member']],
    [{ type_id: ann, item_id: ann }, ['Type: Login', 'Item: …']],
    [{ tag: ['vip', 'vpn'] }, ['Tag: vip, vpn']],
    [{ snoozed: 'true' }, ['Snoozed']],
    [{ snoozed: 'false' }, ['Not snoozed']],
    [{ snoozed: 'maybe' }, []],
    [{ awaiting: 'us' }, ['Waiting for us']],
    [{ awaiting: 'client' }, ['Waiting for the client']],
    [{ created_from: '2026-01-01', created_to: '2026-02-01' }, ['Created Jan 1 – Jan 31']],
    [{ created_to: '2025-01-01' }, ['Created until Dec 31, 2024']],
    [{ resolved_from: '2026-05-02' }, ['Resolved since May 2']],
    [{ q: 'vpn', sort: 'subject', page: '2' }, []]
  ])('chips name the filters of %j', (query, expected) => {
    expect(labels(query)).toEqual(expected)
  })

  it('a removed chip clears its filter', () => {
    const query = parseListQuery({ status: 'open', tag: 'vip', created_from: '2026-01-01' })
    const rest = filterChips(query, names).reduce((query, { clear }) => ({ ...query, ...clear }), query)
    expect(rest).toEqual(parseListQuery({}))
  })
})

describe('days of a filter', () => {
  it.each([
    ['2026-01-31', 1, '2026-02-01'],
    ['2026-01-01', -1, '2025-12-31'],
    ['2024-02-28', 1, '2024-02-29'],
    ['', 1, '']
  ])('shiftDay(%j, %i) is %j', (day, days, shifted) => {
    expect(shiftDay(day, days)).toBe(shifted)
  })

  it('lastDay leaves an instant unchanged', () => expect(lastDay('2026-01-01T10:00:00Z')).toBe('2026-01-01T10:00:00Z'))
})
