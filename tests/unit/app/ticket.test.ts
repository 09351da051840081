import { describe, expect, it } from 'vitest'
import { type Permission, type Role, roleCan } from '#shared/permissions'
import { ticketPriorities, ticketStatuses } from '#shared/schemas/ticket'
import {
  hasNewMessage,
  mayReply,
  parseTags,
  plainExcerpt,
  priorityDisplay,
  statusChoices,
  statusDisplay,
  statusTargets,
  ticketNumber
} from '~/utils/ticket/ticket'
import { addressOf, apiQuery, countsQuery, parseListQuery } from '~/utils/ticket/ticket-query'

const as = (role: Role) => (permission: Permission) => roleCan(role, permission)

describe('the display of a ticket', () => {
  it('each status and priority has one colour', () => {
    expect(ticketStatuses.map(status => statusDisplay[status].color)).toEqual(['error', 'warning', 'info', 'success', 'neutral'])
    expect(ticketPriorities.map(priority => priorityDisplay[priority].color)).toEqual(['neutral', 'info', 'warning', 'error'])
  })

  it.each([
    ['a message that I have not read', {}, '2026-01-02T00:00:00Z', true],
    ['a message that I have read', {}, '2026-01-03T00:00:00.000001Z', false],
    ['a ticket that nobody has told me about', {}, undefined, true],
    ['an answer of a colleague', { last_message_by: 'agent' as const }, '2026-01-02T00:00:00Z', false],
    ['a message to a request that I wrote down', { created_by: 'me' }, '2026-01-02T00:00:00Z', true],
    ['a request that I wrote down', { created_by: 'me', created_at: '2026-01-03T00:00:00Z' }, undefined, false]
  ])('%s is new: %j, %s → %s', (_, changes, readAt, expected) => {
    const ticket = {
      last_message_by: 'requester' as const,
      last_message_at: '2026-01-03T00:00:00Z',
      created_by: 'ann',
      created_at: '2026-01-01T00:00:00Z'
    }
    expect(hasNewMessage({ ...ticket, ...changes }, 'me', readAt)).toBe(expected)
  })

  it('ticket numbers are padded to three digits', () => {
    expect([1, 42, 1234].map(ticketNumber)).toEqual(['#001', '#042', '#1234'])
  })

  it('Markdown is stripped from an excerpt, and plain text is left alone', () => {
    const excerpt = '# Hi\n\n> **urgent** `acme_sync`\n- one\n```sh\nls'
    expect(plainExcerpt({ excerpt, format: 'markdown' })).toBe('Hi urgent acme_sync one ls')
    expect(plainExcerpt({ excerpt, format: 'text' })).toBe('# Hi > **urgent** `acme_sync` - one ```sh ls')
  })
})

describe('the next status of a ticket', () => {
  it('a viewer cannot change the status', () => {
    for (const status of ticketStatuses) expect(statusTargets(status, as('viewer'))).toEqual([])
  })

  it('a ticket can be closed only by a role that may close', () => {
    expect(statusTargets('open', as('admin'))).toEqual(['in_progress', 'waiting', 'resolved', 'closed'])
    expect(statusTargets('open', as('member'))).toEqual(['in_progress', 'waiting', 'resolved'])
  })

  it('a closed ticket can only be reopened, by a role that may reopen', () => {
    expect(statusTargets('closed', as('owner'))).toEqual(['open'])
    expect(statusTargets('closed', as('member'))).toEqual([])
  })

  it('the choices include the current status, in the order of the workflow', () => {
    expect(statusChoices('waiting', as('member'))).toEqual(['open', 'in_progress', 'waiting', 'resolved'])
    expect(statusChoices('closed', as('owner'))).toEqual(['open', 'closed'])
    expect(statusChoices('closed', as('member'))).toEqual(['closed'])
  })
})

describe('mayReply', () => {
  it('every role may reply to an open ticket', () => {
    for (const role of ['owner', 'admin', 'member', 'viewer'] as const) expect(mayReply('open', as(role))).toBe(true)
  })

  it('only owners and admins may reply to a closed ticket', () => {
    expect((['owner', 'admin', 'member', 'viewer'] as const).map(role => mayReply('closed', as(role)))).toEqual([true, true, false, false])
  })
})

describe('parseTags', () => {
  it('parseTags splits at commas, drops blanks and duplicates, and lower-cases', () => {
    expect(parseTags(' VIP, refund,,vip , Zürich ')).toEqual(['vip', 'refund', 'zürich'])
  })
})

describe('the ticket list in the address bar', () => {
  it('a list query round-trips through parseListQuery and addressOf', () => {
    const address = {
      status: ['open', 'in_progress'],
      severity: ['1', '2'],
      tag: ['vip', 'vpn'],
      created_from: '2026-01-01',
      resolved_from: '2026-11-01T00:00:00Z',
      q: 'über #1 is:open',
      page: '3',
      sort: 'created_at',
      order: 'asc',
      assigned_to: 'me',
      page_size: '50'
    }
    expect(addressOf(parseListQuery(address))).toEqual(address)
  })

  it('a list query has each status once, in the order of the workflow, from any notation', () => {
    for (const status of ['waiting,open', ['waiting', 'open'], 'open,waiting,open,burning'])
      expect(parseListQuery({ status }).status).toEqual(['open', 'waiting'])
  })

  it('the address of the default list has no query', () => {
    expect(addressOf(parseListQuery({}))).toEqual({})
  })

  it('the address leaves out the default sort column and the default direction of each column', () => {
    expect(addressOf(parseListQuery({ sort: 'created_at', order: 'desc' }))).toEqual({ sort: 'created_at' })
    expect(addressOf(parseListQuery({ sort: 'severity', order: 'asc' }))).toEqual({})
    expect(addressOf(parseListQuery({ order: 'desc' }))).toEqual({ order: 'desc' })
  })

  it('a search whose operator has an invalid value is ignored', () => {
    expect(parseListQuery({ q: 'vpn status:opne' }).q).toBe('')
  })

  it('invalid values of a list query are ignored', () => {
    expect(
      parseListQuery({
        status: 'burning',
        resolved_from: 'yesterday',
        page: '-1',
        sort: 'password',
        order: 'up',
        assigned_to: 'drop table',
        q: ['a', 'b'],
        page_size: '1000',
        severity: '6',
        created_to: 'now',
        type_id: 'x',
        created_by: 'none'
      })
    ).toEqual(parseListQuery({}))
  })

  it('only chosen filters are sent to the API, with sort order and page', () => {
    expect(apiQuery(parseListQuery({ status: 'open' }))).toEqual({
      status: ['open'],
      sort: 'severity',
      order: 'asc',
      page: 1,
      page_size: 25
    })
  })

  it('statuses are counted with all filters but the status', () => {
    expect(countsQuery(parseListQuery({ status: 'open', priority: 'urgent', page: '2' }))).toEqual({ priority: ['urgent'] })
  })
})
