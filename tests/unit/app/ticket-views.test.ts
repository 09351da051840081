import { describe, expect, it } from 'vitest'
import type { SavedView } from '#shared/types/api'
import { parseListQuery } from '~/utils/ticket/ticket-query'
import { allViews, isView, movedPositions, viewAddress, viewCount, viewFiltersOf } from '~/utils/ticket/ticket-views'

function view(name: string, position: number): SavedView {
  return { id: name, name, filters: {}, is_shared: false, position, user_id: 'ann', is_repaired: false, created_at: '', updated_at: '' }
}

describe('a saved view', () => {
  it('a view matches a list with the same filters and sort order, on any page and in any order of values', () => {
    const filters = { status: ['open', 'waiting'], assigned_to: 'me', tag: ['vip', 'vpn'] }
    expect(
      isView(filters, parseListQuery({ tag: ['vpn', 'vip'], status: 'waiting,open', assigned_to: 'me', page: '2', page_size: '50' }))
    ).toBe(true)
    expect(isView(filters, parseListQuery({ ...filters, q: 'printer' }))).toBe(false)
    expect(isView(filters, parseListQuery({ ...filters, sort: 'priority' }))).toBe(false)
  })

  it('a view keeps the filters and sort order of a list, and its address leads back to it', () => {
    const list = parseListQuery({
      status: ['open', 'waiting'],
      severity: '1',
      sort: 'created_at',
      order: 'asc',
      page: '3',
      page_size: '50'
    })
    const filters = viewFiltersOf(list)
    expect(filters).toEqual({ status: ['open', 'waiting'], severity: '1', sort: 'created_at', order: 'asc' })
    expect(isView(filters, parseListQuery(viewAddress(filters).query))).toBe(true)
  })

  it('saved views are listed after the default views', () => {
    expect(allViews([view('Mine', 0)]).map(({ name }) => name)).toEqual([
      'My open',
      'Unassigned',
      'All open',
      'Breaching soon',
      'Snoozed',
      'Recently resolved',
      'Mine'
    ])
  })

  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '999+']
  ])('a view shows a count of %i tickets as %s', (count, text) => expect(viewCount(count)).toBe(text))

  it('moving a view changes only the positions that differ', () => {
    const views = [view('a', 0), view('b', 1), view('c', 2)]
    expect(movedPositions(views, 'c', -1)).toEqual([
      { id: 'c', position: 1 },
      { id: 'b', position: 2 }
    ])
    expect(movedPositions(views, 'a', -1)).toEqual([])
    expect(movedPositions([view('a', 0), view('b', 0)], 'a', 1)).toEqual([{ id: 'a', position: 1 }])
  })
})
