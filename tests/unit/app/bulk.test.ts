import { describe, expect, test } from 'vitest'
import { bulkSummary, bulkSelection, undoSummary } from '~/utils/ticket/bulk'

describe('bulkSelection', () => {
  test('a selection of single tickets is sent as ids', () => {
    expect(bulkSelection({ ids: ['a', 'b'] })).toEqual({ ids: ['a', 'b'] })
  })

  test('a selection of a whole list is sent as its filter, without order and page', () => {
    const filter = { status: ['open' as const], severity: ['1', '2'], q: 'vpn', tag: [], created_from: '', sort: 'severity', page: 3 }
    expect(bulkSelection({ filter, total: 7 })).toEqual({ filter: { status: ['open'], severity: ['1', '2'], q: 'vpn' } })
    expect(bulkSelection({ filter: {}, total: 7 })).toEqual({ filter: {} })
  })
})

describe('the summary of a bulk operation', () => {
  test.each([
    ['close', 1, '1 ticket closed'],
    ['reassign', 12_345, '12,345 tickets reassigned'],
    ['add_tag', 2, '2 tickets tagged'],
    ['set_priority', 0, 'Nothing to change: all tickets already had this value']
  ] as const)('the summary describes %s of %i tickets', (action, updated, sentence) => {
    expect(bulkSummary({ action, updated, value: null })).toBe(sentence)
  })

  test('the summary of a snooze names its time', () => {
    const until = new Date(new Date().getFullYear() + 1, 0, 4, 12, 30).toISOString()
    expect(bulkSummary({ action: 'snooze', value: until, updated: 3 })).toMatch(/^3 tickets snoozed until 4 Jan \d{4}, 12:30/)
    expect(bulkSummary({ action: 'snooze', value: null, updated: 1 })).toBe('1 ticket woken up')
  })

  test.each([
    [3, 0, { title: '3 tickets restored' }],
    [1, 1, { title: '1 ticket restored', description: '1 ticket was skipped: it has changed since' }],
    [0, 2, { title: 'Nothing was restored', description: '2 tickets were skipped: they have changed since' }]
  ])('the summary of an undo counts %i restored and %i skipped tickets', (restored, skipped, words) => {
    expect(undoSummary({ restored, skipped })).toEqual(words)
  })
})
