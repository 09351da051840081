import { describe, expect, it } from 'vitest'
import { type Permission, type Role, roleCan } from '#shared/permissions'
import { ticketPriorities, ticketStatuses } from '#shared/schemas/ticket'
import {
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

describe('how a ticket looks', () => {
  it('gives each status and priority the colour it has everywhere', () => {
    expect(ticketStatuses.map(status => statusDisplay[status].color)).toEqual(['error', 'warning', 'info', 'success', 'neutral'])
    expect(ticketPriorities.map(priority => priorityDisplay[priority].color)).toEqual(['neutral', 'info', 'warning', 'error'])
  })

  it('writes numbers with three digits at least', () => {
    expect([1, 42, 1234].map(ticketNumber)).toEqual(['#001', '#042', '#1234'])
  })

  it('shows the beginning of a description without its marks', () => {
    const excerpt = '# Hi\n\n> **urgent** `acme_sync`\n- one\n```sh\nls'
    expect(plainExcerpt({ excerpt, format: 'markdown' })).toBe('Hi urgent acme_sync one ls')
    expect(plainExcerpt({ excerpt, format: 'text' })).toBe('# Hi > **urgent** `acme_sync` - one ```sh ls')
  })
})

describe('which status may follow', () => {
  it('offers a viewer none', () => {
    for (const status of ticketStatuses) expect(statusTargets(status, as('viewer'))).toEqual([])
  })

  it('offers closed to those who may close', () => {
    expect(statusTargets('open', as('admin'))).toEqual(['in_progress', 'waiting', 'resolved', 'closed'])
    expect(statusTargets('open', as('member'))).toEqual(['in_progress', 'waiting', 'resolved'])
  })

  it('only re-opens what is closed', () => {
    expect(statusTargets('closed', as('owner'))).toEqual(['open'])
    expect(statusTargets('closed', as('member'))).toEqual([])
  })

  it('shows beside them what the ticket is, in the order of its life', () => {
    expect(statusChoices('waiting', as('member'))).toEqual(['open', 'in_progress', 'waiting', 'resolved'])
    expect(statusChoices('closed', as('owner'))).toEqual(['open', 'closed'])
    expect(statusChoices('closed', as('member'))).toEqual(['closed'])
  })
})

describe('who may write in a ticket', () => {
  it('lets everybody who sees an open one', () => {
    for (const role of ['owner', 'admin', 'member', 'viewer'] as const) expect(mayReply('open', as(role))).toBe(true)
  })

  it('lets only owners and admins in a closed one', () => {
    expect((['owner', 'admin', 'member', 'viewer'] as const).map(role => mayReply('closed', as(role)))).toEqual([true, true, false, false])
  })
})

describe('tags as typed', () => {
  it('splits at commas, drops blanks and repetitions, and writes small', () => {
    expect(parseTags(' VIP, refund,,vip , Zürich ')).toEqual(['vip', 'refund', 'zürich'])
  })
})

describe('the list in the address bar', () => {
  it('is read and written back', () => {
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

  it('names statuses once each, in the order of the work, however they are written', () => {
    for (const status of ['waiting,open', ['waiting', 'open'], 'open,waiting,open,burning'])
      expect(parseListQuery({ status }).status).toEqual(['open', 'waiting'])
  })

  it('is empty for the list as it begins', () => {
    expect(addressOf(parseListQuery({}))).toEqual({})
  })

  it('knows the order that a column is sorted in', () => {
    expect(addressOf(parseListQuery({ sort: 'created_at', order: 'desc' }))).toEqual({ sort: 'created_at' })
    expect(addressOf(parseListQuery({ sort: 'severity', order: 'asc' }))).toEqual({})
    expect(addressOf(parseListQuery({ order: 'desc' }))).toEqual({ order: 'desc' })
  })

  it('ignores a search with an operator that has no such value', () => {
    expect(parseListQuery({ q: 'vpn status:opne' }).q).toBe('')
  })

  it('ignores what it does not understand', () => {
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

  it('asks the server for nothing that is not chosen', () => {
    expect(apiQuery(parseListQuery({ status: 'open' }))).toEqual({
      status: ['open'],
      sort: 'severity',
      order: 'asc',
      page: 1,
      page_size: 25
    })
  })

  it('counts every status within the rest of the filter', () => {
    expect(countsQuery(parseListQuery({ status: 'open', priority: 'urgent', page: '2' }))).toEqual({ priority: ['urgent'] })
  })
})
