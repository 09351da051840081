import { describe, expect, test } from 'vitest'
import { tags, ticketCreate, ticketFilter, ticketQuery, ticketUpdate } from '#shared/schemas/ticket'

describe('the schema ticketCreate', () => {
  test('a new ticket requires subject and description, and gets defaults for other fields', () => {
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
      project_id: null,
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
  ])('a new ticket limits %s to %d characters', (field, max) => {
    const base = { subject: 'x', description: 'x' }
    expect(ticketCreate.safeParse({ ...base, [field]: 'x'.repeat(max) }).success).toBe(true)
    expect(ticketCreate.safeParse({ ...base, [field]: 'x'.repeat(max + 1) }).success).toBe(false)
  })

  test('a new ticket cannot have fields that the server sets', () => {
    for (const field of ['id', 'team_id', 'ticket_number', 'created_by', 'created_at', 'resolved_at', 'channel', 'version']) {
      expect(ticketCreate.safeParse({ subject: 'x', description: 'x', [field]: 'x' }).error?.issues[0]).toMatchObject({
        code: 'unrecognized_keys',
        keys: [field]
      })
    }
  })
})

describe('the schema ticketUpdate', () => {
  test('a change can be empty, and gets no defaults', () => {
    expect(ticketUpdate.parse({})).toEqual({})
    expect(ticketUpdate.parse({ priority: 'high' })).toEqual({ priority: 'high' })
  })

  test('a change can clear only fields that may be empty', () => {
    expect(ticketUpdate.safeParse({ assigned_to: null, requester_name: null, requester_email: null }).success).toBe(true)
    for (const field of ['subject', 'description', 'format', 'status', 'priority', 'severity', 'category', 'tags'])
      expect(ticketUpdate.safeParse({ [field]: null }).success, field).toBe(false)
  })

  test('a change has either all tags, or tags to add and remove', () => {
    expect(ticketUpdate.parse({ add_tags: ['VIP', 'vip'], remove_tags: ['Old'] })).toEqual({ add_tags: ['vip'], remove_tags: ['old'] })
    for (const other of [{ add_tags: ['b'] }, { remove_tags: [] }])
      expect(ticketUpdate.safeParse({ tags: ['a'], ...other }).error?.issues[0]?.path).toEqual(['tags'])
  })
})

describe('the schema tags', () => {
  test('tags are lower-cased, normalised (NFC) and deduplicated', () => {
    expect(tags.parse([' VIP', 'vip', 'e\u0301', '\u00e9', 'Größe'])).toEqual(['vip', 'é', 'größe'])
  })

  test('a ticket has at most 20 tags of at most 50 characters without commas', () => {
    expect(tags.safeParse(Array.from({ length: 20 }, (_, number) => `t${number}`)).success).toBe(true)
    expect(tags.safeParse(Array.from({ length: 21 }, (_, number) => `t${number}`)).success).toBe(false)
    for (const value of ['', ' ', 'a,b', 'x'.repeat(51), 'a\nb', 5]) expect(tags.safeParse([value]).success, String(value)).toBe(false)
  })
})

describe('the schema ticketQuery', () => {
  test('a list is sorted by severity by default, and newest first for created_at', () => {
    expect(ticketQuery.parse({})).toEqual({ sort: 'severity', order: 'asc', page_size: 25 })
    expect(ticketQuery.parse({ sort: 'created_at' })).toEqual({ sort: 'created_at', order: 'desc', page_size: 25 })
  })

  test('a query parses numbers and lists from text', () => {
    expect(
      ticketQuery.parse({ severity: ['1', '5'], status: 'open', assigned_to: ['me', 'none'], page: '2', page_size: '100', tag: 'VIP' })
    ).toMatchObject({ severity: [1, 5], status: ['open'], assigned_to: ['me', 'none'], page: 2, page_size: 100, tag: ['vip'] })
  })

  test('a query cannot have both page and cursor', () => {
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

  test('a filter is a query without sort order and pages', () => {
    expect(ticketFilter.safeParse({ page: '1' }).success).toBe(false)
    expect(ticketFilter.safeParse({ q: ' vpn ' }).data).toEqual({ q: 'vpn' })
  })
})
