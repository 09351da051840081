import { describe, expect, test } from 'vitest'
import { tags, ticketCreate, ticketFilter, ticketQuery, ticketUpdate } from '#shared/schemas/ticket'

describe('a new ticket', () => {
  test('needs a subject and a description, and has the rest by default', () => {
    expect(ticketCreate.parse({ subject: ' VPN ', description: ' drops\n' })).toEqual({
      subject: 'VPN',
      description: ' drops\n',
      format: 'text',
      status: 'open',
      priority: 'normal',
      severity: 3,
      category: 'other',
      type_id: null,
      item_id: null,
      assigned_to: null,
      requester_name: null,
      requester_email: null,
      tags: []
    })
    expect(ticketCreate.safeParse({ subject: 'VPN' }).error?.issues.map(({ path }) => path)).toEqual([['description']])
  })

  test.each([
    ['subject', 255],
    ['description', 50_000],
    ['requester_name', 200]
  ])('%s holds %d characters and no more', (field, max) => {
    const base = { subject: 'x', description: 'x' }
    expect(ticketCreate.safeParse({ ...base, [field]: 'x'.repeat(max) }).success).toBe(true)
    expect(ticketCreate.safeParse({ ...base, [field]: 'x'.repeat(max + 1) }).success).toBe(false)
  })

  test('takes no field that the server fills in', () => {
    for (const field of ['id', 'team_id', 'ticket_number', 'created_by', 'created_at', 'resolved_at', 'channel', 'version']) {
      expect(ticketCreate.safeParse({ subject: 'x', description: 'x', [field]: 'x' }).error?.issues[0]).toMatchObject({
        code: 'unrecognized_keys',
        keys: [field]
      })
    }
  })
})

describe('a change', () => {
  test('may be nothing, and fills in nothing', () => {
    expect(ticketUpdate.parse({})).toEqual({})
    expect(ticketUpdate.parse({ priority: 'high' })).toEqual({ priority: 'high' })
  })

  test('clears what may be empty, and nothing else', () => {
    expect(ticketUpdate.safeParse({ assigned_to: null, requester_name: null, requester_email: null }).success).toBe(true)
    for (const field of ['subject', 'description', 'format', 'status', 'priority', 'severity', 'category', 'tags'])
      expect(ticketUpdate.safeParse({ [field]: null }).success, field).toBe(false)
  })

  test('replaces all tags, or adds and removes some', () => {
    expect(ticketUpdate.parse({ add_tags: ['VIP', 'vip'], remove_tags: ['Old'] })).toEqual({ add_tags: ['vip'], remove_tags: ['old'] })
    for (const other of [{ add_tags: ['b'] }, { remove_tags: [] }])
      expect(ticketUpdate.safeParse({ tags: ['a'], ...other }).error?.issues[0]?.path).toEqual(['tags'])
  })
})

describe('tags', () => {
  test('are lower-cased, composed, and once each', () => {
    expect(tags.parse([' VIP', 'vip', 'e\u0301', '\u00e9', 'Größe'])).toEqual(['vip', 'é', 'größe'])
  })

  test('are twenty at most, of fifty characters, without commas', () => {
    expect(tags.safeParse(Array.from({ length: 20 }, (_, number) => `t${number}`)).success).toBe(true)
    expect(tags.safeParse(Array.from({ length: 21 }, (_, number) => `t${number}`)).success).toBe(false)
    for (const value of ['', ' ', 'a,b', 'x'.repeat(51), 'a\nb', 5]) expect(tags.safeParse([value]).success, String(value)).toBe(false)
  })
})

describe('a query', () => {
  test('without anything is the newest first', () => {
    expect(ticketQuery.parse({})).toEqual({ sort: 'severity', order: 'asc', page_size: 25 })
    expect(ticketQuery.parse({ sort: 'created_at' })).toEqual({ sort: 'created_at', order: 'desc', page_size: 25 })
  })

  test('reads numbers and lists from text', () => {
    expect(
      ticketQuery.parse({ severity: ['1', '5'], status: 'open', assigned_to: ['me', 'none'], page: '2', page_size: '100', tag: 'VIP' })
    ).toMatchObject({ severity: [1, 5], status: ['open'], assigned_to: ['me', 'none'], page: 2, page_size: 100, tag: ['vip'] })
  })

  test('pages or walks, not both', () => {
    expect(ticketQuery.safeParse({ page: '1', cursor: '' }).error?.issues[0]?.path).toEqual(['cursor'])
    expect(ticketQuery.safeParse({ cursor: '' }).success).toBe(true)
  })

  test.each([
    { created_from: '2026-02-30' },
    { created_from: 'now' },
    { created_from: 'infinity' },
    { created_from: '2026-01-01T10:00' },
    { sort: 'constructor' },
    { order: 'DESC' },
    { q: 'x'.repeat(201) },
    { q: '\u0000' },
    { q: 'status:opne' },
    { q: 'vpn before:2026-02-30' },
    { status: 'OPEN' },
    { unknown: '1' }
  ])('refuses %o', query => {
    expect(ticketQuery.safeParse(query).success).toBe(false)
  })

  test('a filter is a query without order and pages', () => {
    expect(ticketFilter.safeParse({ page: '1' }).success).toBe(false)
    expect(ticketFilter.safeParse({ q: ' vpn ' }).data).toEqual({ q: 'vpn' })
  })
})
