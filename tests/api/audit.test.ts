import { describe, expect, test } from 'vitest'
import { eventTypes } from '#shared/schemas/event'
import type { CursorPage, Reply, Ticket } from '#shared/types/api'
import type { TicketEvent } from '#shared/schemas/event'
import { api, database, expectError, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, adam, ann, bob, dan, initech, unknownId, vera, type TeamWorld } from '../support/world.ts'

describeRouteRights('audit')

const history = async (team: TeamWorld, ticket = team.tickets.bobs, query = '') =>
  (await api<TicketEvent[]>(bob, 'GET', `/teams/${team.id}/tickets/${ticket}/audit${query}`)).body
const log = async (team: { id: string }, query = '') => (await api<TicketEvent[]>(ann, 'GET', `/teams/${team.id}/audit${query}`)).body
const change = (team: TeamWorld, fields: Record<string, unknown>, by = ann) =>
  api<Ticket>(by, 'PATCH', `/teams/${team.id}/tickets/${team.tickets.bobs}`, fields)

describe('the history of a ticket', () => {
  test('the history lists changes newest first, with actor, channel, old value and new value', async () => {
    const team = await newTeam()
    const before = await history(team)
    await change(team, { status: 'in_progress' }, bob)
    await change(team, { assigned_to: adam.id, severity: 2 })
    const [severity, assigned, status, ...older] = await history(team)
    if (!status || !assigned || !severity) throw new Error('Three events are missing')
    expect(older).toEqual(before)
    expect([assigned.type, severity.type].sort()).toEqual(['ticket.assigned', 'ticket.severity_changed'])
    expect(status).toEqual({
      id: expect.any(Number) as number,
      type: 'ticket.status_changed',
      ticket_id: team.tickets.bobs,
      ticket_number: 1,
      is_ticket_deleted: false,
      channel: 'ui',
      actor: { id: bob.id, name: bob.name },
      cause: null,
      from: 'open',
      to: 'in_progress',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string
    })
    expect([assigned, severity]).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          type: 'ticket.assigned',
          actor: { id: ann.id, name: ann.name },
          from: { id: bob.id, full_name: bob.name },
          to: { id: adam.id, full_name: adam.name }
        }),
        expect.objectContaining({ type: 'ticket.severity_changed', from: 3, to: 2 })
      ])
    )
  })

  test('every route that changes a ticket adds an event to its history', async () => {
    const team = await newTeam()
    const path = `/teams/${team.id}/tickets`
    const {
      body: { id }
    } = await api<Ticket>(bob, 'POST', path, { subject: 'Printer', description: 'It burns', tags: ['fire'] })
    await api(bob, 'PUT', `${path}/${id}/claim`)
    await api(bob, 'DELETE', `${path}/${id}/claim`)
    const { body: reply } = await api<Reply>(vera, 'POST', `${path}/${id}/replies`, { content: 'Here too', is_internal: true })
    await api(ann, 'DELETE', `${path}/${id}/replies/${reply.id}`)
    await api(bob, 'PATCH', `${path}/${id}`, {
      subject: 'Fax',
      description: 'It smokes',
      priority: 'high',
      category: 'billing',
      requester_name: 'Rita'
    })
    await api(bob, 'PATCH', `${path}/${id}`, { tags: ['smoke'] })
    const events = await history(team, id)
    expect(events.map(event => event.type).reverse()).toEqual([
      'ticket.created',
      'ticket.assigned',
      'ticket.assigned',
      'reply.created',
      'reply.deleted',
      'ticket.priority_changed',
      'ticket.rerouted',
      'ticket.subject_changed',
      'ticket.description_changed',
      'ticket.requester_changed',
      'ticket.tags_changed'
    ])
    expect(events.find(event => event.type === 'ticket.tags_changed')).toMatchObject({ from: ['fire'], to: ['smoke'] })
    // Without content, because the reply is deleted.
    expect(events.find(event => event.type === 'reply.created')?.to).toEqual({ id: reply.id, is_internal: true })
    expect((await history(team, id, '?type=reply.created&type=reply.deleted')).map(event => event.type)).toEqual([
      'reply.deleted',
      'reply.created'
    ])
    expect(events.find(event => event.type === 'reply.deleted')).toMatchObject({
      actor: { id: ann.id },
      from: { id: reply.id, is_internal: true, content: 'Here too', author: { id: vera.id, full_name: vera.name } }
    })
    await api(ann, 'DELETE', `${path}/${id}`)
    expectError(await api(ann, 'GET', `${path}/${id}/audit`), 404, 'not_found')
    expect((await log(team, `?ticket=${id}`))[0]).toMatchObject({
      type: 'ticket.deleted',
      is_ticket_deleted: true,
      actor: { id: ann.id },
      from: { subject: 'Fax' }
    })
  })

  test('the event of a reply contains its text and mentions while the reply exists', async () => {
    const team = await newTeam()
    const { body: reply } = await api<Reply>(bob, 'POST', `/teams/${team.id}/tickets/${team.tickets.bobs}/replies`, {
      content: `Ask <@${adam.id}>`,
      is_internal: true
    })
    const expectedEvent = {
      type: 'reply.created',
      from: null,
      to: { id: reply.id, is_internal: true, content: `Ask <@${adam.id}>`, mentions: [{ id: adam.id, full_name: adam.name }] }
    }
    expect((await history(team))[0]).toMatchObject(expectedEvent)
    expect((await log(team))[0]).toMatchObject(expectedEvent)
  })

  test('a refused change adds no event to the history', async () => {
    const team = await newTeam()
    const before = await history(team)
    expectError(await change(team, { priority: 'high', version: 99 }), 412)
    expectError(await change(team, { assigned_to: ann.id, priority: 'high' }, bob), 403)
    expectError(await change(team, { status: 'closed', subject: 'Other' }, bob), 403)
    expectError(await change(team, { category: 'none_such', subject: 'Other' }), 400)
    expect(await history(team)).toEqual(before)
  })

  test.each([
    ['an unknown ticket', unknownId],
    ["another team's ticket", initech.tickets.dans],
    ['a malformed id', 'x']
  ])('the history of %s answers 404', async (_, id) => {
    expectError(await api(ann, 'GET', `/teams/${acme.id}/tickets/${id}/audit`), 404, 'not_found')
  })
})

describe('the audit log of a team', () => {
  test("the audit log contains only the team's own events, newest first", async () => {
    const team = await newTeam()
    const events = await log(team)
    expect(new Set(events.map(event => event.ticket_id))).toEqual(new Set([...Object.values(team.tickets), null]))
    expect(events.map(event => event.id)).toEqual(events.map(event => event.id).sort((a, b) => b - a))
  })

  test('the audit log can be filtered by type, actor, ticket and time', async () => {
    const team = await newTeam()
    await change(team, { status: 'waiting' }, bob)
    await change(team, { status: 'open', priority: 'low' }, adam)
    await database()`update public.tickets set priority = 'urgent' where id = ${team.tickets.bobs}`
    const types = async (query: string) => (await log(team, query)).map(event => event.type)
    expect(await types('?type=ticket.status_changed')).toEqual(['ticket.status_changed', 'ticket.status_changed'])
    expect(await types(`?actor=${adam.id}`)).toHaveLength(2)
    expect(await types(`?actor=${adam.id}&type=ticket.priority_changed&type=ticket.subject_changed`)).toEqual(['ticket.priority_changed'])
    expect(await log(team, '?actor=none&type=ticket.priority_changed')).toMatchObject([
      { actor: null, channel: 'job', from: 'low', to: 'urgent' }
    ])
    expect(await types(`?actor=none&actor=${adam.id}&type=ticket.priority_changed`)).toHaveLength(2)
    expect((await log(team, '?actor=me')).every(event => event.actor?.id === ann.id)).toBe(true)
    const ofOne = await log(team, `?ticket=${team.tickets.unassigned}`)
    expect(ofOne).toMatchObject([{ type: 'ticket.created', ticket_number: 2 }])
    expect(await log(team, '?ticket=2')).toEqual(ofOne)
    const [newest] = await log(team)
    expect((await log(team, `?from=${newest!.created_at}`)).map(event => event.id)).toEqual([newest!.id])
    expect((await log(team, `?to=${newest!.created_at}`)).map(event => event.id)).not.toContain(newest!.id)
    expect(await log(team, '?to=2020-01-01')).toEqual([])
  })

  test("dates that filter the audit log and its export are days in the team's time zone", async () => {
    const team = await newTeam()
    await database()`update public.teams set time_zone = 'Asia/Tokyo' where id = ${team.id}`
    for (const [number, created_at] of [
      [1, '2026-01-01T15:30:00Z'],
      [2, '2026-01-01T14:30:00Z']
    ] as const) {
      await database()`insert into public.ticket_events ${database()({ team_id: team.id, ticket_number: number, ticket_id: [team.tickets.bobs, team.tickets.unassigned][number - 1]!, type: 'ticket.priority_changed', channel: 'ui', from: database().json('normal'), to: database().json('high'), created_at })}`
    }
    const numbers = async (query: string) => (await log(team, `?type=ticket.priority_changed&${query}`)).map(event => event.ticket_number)
    expect(await numbers('from=2026-01-02&to=2026-01-03')).toEqual([1])
    expect(await numbers('to=2026-01-02')).toEqual([2])
    expect(await numbers('from=2026-01-01T15:00:00Z&to=2026-01-02T00:00:00Z')).toEqual([1])
    const csv = await api<string>(
      ann,
      'GET',
      `/teams/${team.id}/export/audit.csv?type=ticket.priority_changed&from=2026-01-02&to=2026-01-03`
    )
    expect(csv.body.trim().split('\r\n')).toHaveLength(2)
  })

  test('paging through the audit log returns every event once, even if new events arrive', async () => {
    const team = await newTeam()
    for (const status of ['waiting', 'open', 'resolved', 'open']) await change(team, { status })
    const all = (await log(team)).map(event => event.id)
    const seen: number[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body }: { body: CursorPage<TicketEvent> } = await api<CursorPage<TicketEvent>>(
        ann,
        'GET',
        `/teams/${team.id}/audit?page_size=3&cursor=${cursor}`
      )
      expect(body.data.length).toBeLessThanOrEqual(3)
      seen.push(...body.data.map(event => event.id))
      cursor = body.next_cursor
      if (seen.length === 3) await change(team, { priority: 'high' }) // a new event must not shift the remaining pages
    }
    expect(seen).toEqual(all)
  })

  test('the audit log returns at most 1,000 events without paging and then sets x-truncated', async () => {
    const team = await newTeam()
    expect((await api(ann, 'GET', `/teams/${team.id}/audit`)).headers.get('x-truncated')).toBeNull()
    for (let round = 0; round < 260; round++)
      await database()`update public.tickets set severity = 1 + severity % 5 where team_id = ${team.id}`
    const answer = await api<TicketEvent[]>(ann, 'GET', `/teams/${team.id}/audit`)
    expect(answer.body).toHaveLength(1_000)
    expect(answer.headers.get('x-truncated')).toBe('true')
  })

  test('the audit log can be filtered by every event type', async () => {
    for (const type of eventTypes) expect((await api(ann, 'GET', `/teams/${acme.id}/audit?type=${type}`)).status).toBe(200)
  })

  test.each([
    'type=ticket.exploded',
    'type=',
    'actor=bob',
    'ticket=x',
    'ticket=0',
    'from=yesterday',
    'to=2026-13-01',
    'cursor=abc',
    'cursor=-1',
    'cursor=12',
    'page_size=101',
    'page_size=5',
    'page=0',
    'page=1&cursor=',
    'nonsense=1'
  ])('the audit log refuses ?%s', async query => {
    expectError(await api(ann, 'GET', `/teams/${acme.id}/audit?${query}`), 400, 'invalid')
  })

  test('the audit log still names a member who was removed', async () => {
    const team = await newTeam()
    await change(team, { status: 'waiting' }, bob)
    expect((await api(ann, 'DELETE', `/teams/${team.id}/members/${bob.id}`)).status).toBe(204)
    expect((await log(team, `?actor=${bob.id}`))[0]).toMatchObject({ type: 'ticket.status_changed', actor: { id: bob.id, name: bob.name } })
    expectError(await api(dan, 'GET', `/teams/${team.id}/audit`), 404)
  })
})
