import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Page, TeamStats, Ticket } from '#shared/types/api'
import { api, database, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { adam, ann, bob, ivan, vera } from '../support/world.ts'

describeRouteRights('stats')

interface TicketFixture {
  status?: string
  priority?: string
  category?: string
  assigned_to?: string | null
  created_at?: Date
  resolved_at?: Date | null
  first_response_at?: Date | null
}

/** A team of Ann, Adam, Bob and Vera without tickets. */
async function emptyTeam(timeZone = 'UTC'): Promise<string> {
  const id = randomUUID()
  await database().begin(async sql => {
    await sql`insert into public.teams ${sql({ id, name: 'Stats', slug: `s-${id.slice(0, 18)}`, time_zone: timeZone })}`
    await sql`insert into public.team_members ${sql([ann, adam, bob, vera].map(person => ({ team_id: id, user_id: person.id, role: person.role })))}`
  })
  return id
}

/** Inserts tickets with past times; by default each is created one second after the one before. */
async function insertTickets(teamId: string, tickets: TicketFixture[]): Promise<void> {
  const begin = Date.now() - 60_000
  for (const [index, ticket] of tickets.entries()) {
    await database()`insert into public.tickets ${database()({ team_id: teamId, subject: `Number ${index + 1}`, description: 'x', created_by: ann.id, created_at: new Date(begin + index * 1000), ...ticket })}`
  }
}

async function statsOf(teamId: string, person: typeof ann | typeof vera | typeof adam | typeof bob = ann): Promise<TeamStats> {
  const { status, body } = await api<TeamStats>(person, 'GET', `/teams/${teamId}/stats`)
  expect(status, JSON.stringify(body)).toBe(200)
  return body
}

const hours = (count: number) => count * 3_600_000

describe('stats', () => {
  test('the stats of an empty team are zeros, null and empty lists', async () => {
    const { month_start, ...stats } = await statsOf(await emptyTeam())
    expect(month_start).toMatch(/^\d{4}-\d\d-01T00:00:00Z$/)
    expect(stats).toEqual({
      open_tickets: 0,
      unassigned_tickets: 0,
      waiting_tickets: 0,
      resolved_this_month: 0,
      resolved_last_month: 0,
      avg_first_response_hours: null,
      satisfaction: { asked: 0, rated: 0, average_rating: null },
      sla: { met: 0, missed: 0, compliance: null, overdue: 0, due_soon: 0 },
      tickets_by_category: [],
      tickets_by_priority: [],
      recent_tickets: [],
      agent_workload: []
    })
  })

  test('the stats count open, unassigned and waiting tickets and the workload of each agent', async () => {
    const team = await emptyTeam()
    await insertTickets(team, [
      { status: 'open', category: 'bug', priority: 'urgent', assigned_to: bob.id },
      { status: 'open', category: 'bug', priority: 'low', assigned_to: bob.id },
      { status: 'in_progress', category: 'billing', priority: 'low', assigned_to: bob.id },
      { status: 'in_progress', category: 'bug', priority: 'high', assigned_to: adam.id },
      { status: 'open', category: 'question', priority: 'normal', assigned_to: null },
      { status: 'waiting', category: 'other', priority: 'urgent', assigned_to: ann.id },
      { status: 'waiting', category: 'bug', priority: 'urgent', assigned_to: null },
      { status: 'resolved', category: 'bug', priority: 'urgent', assigned_to: ann.id },
      { status: 'closed', category: 'bug', priority: 'urgent', assigned_to: ann.id }
    ])
    expect(await statsOf(team)).toMatchObject({
      open_tickets: 5,
      unassigned_tickets: 1,
      waiting_tickets: 2,
      resolved_this_month: 2,
      tickets_by_category: [
        { category: 'bug', name: 'Bug', count: 3 },
        { category: 'billing', name: 'Billing', count: 1 },
        { category: 'question', name: 'Question', count: 1 }
      ],
      tickets_by_priority: [
        { priority: 'urgent', count: 1 },
        { priority: 'high', count: 1 },
        { priority: 'normal', count: 1 },
        { priority: 'low', count: 2 }
      ],
      agent_workload: [
        { user_id: bob.id, agent_name: bob.name, avatar_url: null, open_count: 2, in_progress_count: 1, waiting_count: 0 },
        { user_id: adam.id, agent_name: adam.name, avatar_url: null, open_count: 0, in_progress_count: 1, waiting_count: 0 },
        { user_id: ann.id, agent_name: ann.name, avatar_url: null, open_count: 0, in_progress_count: 0, waiting_count: 1 }
      ]
    })
  })

  test('agents with equal workload are sorted by name', async () => {
    const team = await emptyTeam()
    await insertTickets(team, [{ assigned_to: bob.id }, { assigned_to: ann.id, status: 'in_progress' }, { assigned_to: adam.id }])
    for (let n = 0; n < 3; n++)
      expect((await statsOf(team)).agent_workload.map(({ agent_name }) => agent_name)).toEqual([adam.name, ann.name, bob.name])
  })

  test('the ten newest tickets are shown as in the list, in the same order even if created at the same time', async () => {
    const team = await emptyTeam()
    const instant = new Date(Date.now() - 1000)
    await insertTickets(
      team,
      Array.from({ length: 13 }, (_, index) => ({ created_at: instant, assigned_to: index % 2 ? bob.id : null }))
    )
    const { recent_tickets } = await statsOf(team)
    const listed = (await api<Page<Ticket>>(ann, 'GET', `/teams/${team}/tickets?page=1&page_size=10`)).body.data
    expect(recent_tickets).toEqual(
      listed.map(({ id, ticket_number, subject, status, priority, reply_count, assignee, assignee_name }) => ({
        id,
        ticket_number,
        subject,
        status,
        priority,
        reply_count,
        assignee,
        assignee_name,
        created_at: expect.any(String) as string
      }))
    )
    expect(recent_tickets.map(({ created_at }) => Date.parse(created_at))).toEqual(listed.map(({ created_at }) => Date.parse(created_at)))
  })

  test('a recent ticket shows its reply count and its assignee', async () => {
    const team = await newTeam()
    const recent = (await statsOf(team.id)).recent_tickets.find(({ id }) => id === team.tickets.bobs)
    expect(recent).toMatchObject({
      ticket_number: 1,
      subject: 'VPN drops every hour',
      status: 'open',
      priority: 'normal',
      reply_count: 3,
      assignee_name: bob.name,
      assignee: { id: bob.id, full_name: bob.name, avatar_url: null }
    })
  })

  test('the mean first response covers the answered tickets that were resolved this month', async () => {
    const team = await emptyTeam()
    const now = Date.now()
    const startedAt = new Date(now - hours(2000))
    const long = new Date(now - hours(24 * 40))
    await insertTickets(team, [
      { status: 'resolved', created_at: startedAt, first_response_at: new Date(startedAt.getTime() + hours(1)) },
      { status: 'closed', created_at: startedAt, first_response_at: new Date(startedAt.getTime() + hours(2.5)) },
      { status: 'resolved', created_at: startedAt, first_response_at: null },
      { status: 'open', created_at: startedAt, first_response_at: new Date(startedAt.getTime() + hours(100)) },
      { status: 'resolved', created_at: startedAt, first_response_at: new Date(startedAt.getTime() + hours(100)), resolved_at: long }
    ])
    expect(await statsOf(team)).toMatchObject({ resolved_this_month: 3, avg_first_response_hours: 1.75 })
  })

  test('the mean first response is null when nobody answered', async () => {
    const team = await emptyTeam()
    await insertTickets(team, [{ status: 'resolved' }])
    expect(await statsOf(team)).toMatchObject({ resolved_this_month: 1, avg_first_response_hours: null })
  })

  test.each(['UTC', 'Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Asia/Kathmandu'])(
    'the months of the stats follow the calendar of %s',
    async timeZone => {
      const team = await emptyTeam(timeZone)
      const { month_start } = await statsOf(team)
      const local = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
      expect(local.format(new Date(month_start))).toBe(`${local.format(new Date()).slice(0, 8)}01 00:00:00`)
      const start = Date.parse(month_start)
      const [{ next, previous }] = (await database()<{ next: Date; previous: Date }[]>`
      select (first + interval '1 month') at time zone ${timeZone} as next, (first - interval '1 month') at time zone ${timeZone} as previous
      from (select ${month_start}::timestamptz at time zone ${timeZone} as first) as month`) as unknown as [{ next: Date; previous: Date }]
      const border = (at: number) => ({ status: 'resolved', resolved_at: new Date(at) })
      await insertTickets(team, [
        border(start),
        border(start - 1),
        border(next.getTime() - 1),
        border(next.getTime()),
        border(previous.getTime()),
        border(previous.getTime() - 1)
      ])
      expect(await statsOf(team)).toMatchObject({ resolved_this_month: 2, resolved_last_month: 2 })
    }
  )

  test('the same instant counts in different months in distant time zones', async () => {
    const [east, west] = [await emptyTeam('Pacific/Kiritimati'), await emptyTeam('Pacific/Pago_Pago')]
    const instant = new Date(Date.parse((await statsOf(east)).month_start) + 1000)
    for (const team of [east, west]) await insertTickets(team, [{ status: 'resolved', resolved_at: instant }])
    // Kiritimati is 25 hours ahead of Pago Pago: the start of its month is last month there, unless Kiritimati is already a month ahead.
    const sameMonth = (await statsOf(east)).month_start.slice(0, 7) < (await statsOf(west)).month_start.slice(0, 7)
    expect(await statsOf(east)).toMatchObject({ resolved_this_month: 1, resolved_last_month: 0 })
    expect(await statsOf(west)).toMatchObject(
      sameMonth ? { resolved_this_month: 0, resolved_last_month: 1 } : { resolved_this_month: 1, resolved_last_month: 0 }
    )
  })

  test('the stats count no tickets of other teams and answer 404 to people outside the team', async () => {
    const [team, other] = [await emptyTeam(), await emptyTeam()]
    await insertTickets(other, [{ assigned_to: bob.id }, { status: 'waiting' }, { status: 'resolved' }])
    expect(await statsOf(team)).toMatchObject({
      open_tickets: 0,
      waiting_tickets: 0,
      resolved_this_month: 0,
      tickets_by_category: [],
      recent_tickets: [],
      agent_workload: []
    })
    expect((await api(ivan, 'GET', `/teams/${team}/stats`)).status).toBe(404)
  })

  test('the tickets of a removed member count as unassigned', async () => {
    const team = await emptyTeam()
    await insertTickets(team, [{ assigned_to: bob.id }, { assigned_to: adam.id }])
    await api(ann, 'DELETE', `/teams/${team}/members/${bob.id}`)
    const stats = await statsOf(team)
    expect(stats).toMatchObject({ open_tickets: 2, unassigned_tickets: 1 })
    expect(stats.agent_workload.map(({ user_id }) => user_id)).toEqual([adam.id])
    expect(stats.recent_tickets.map(({ assignee_name }) => assignee_name)).toEqual([adam.name, null])
  })

  test('the stats are the same for every role', async () => {
    const team = await newTeam()
    const [owners, ...others] = await Promise.all([ann, adam, bob, vera].map(person => statsOf(team.id, person)))
    for (const stats of others) expect(stats).toEqual(owners)
  })

  test('every figure equals the total of the list it links to', async () => {
    const team = await emptyTeam('Pacific/Kiritimati')
    const monthStart = (await statsOf(team)).month_start
    await insertTickets(team, [
      { assigned_to: bob.id, category: 'bug', priority: 'high' },
      { status: 'in_progress', assigned_to: bob.id, category: 'bug' },
      { status: 'waiting' },
      { status: 'waiting', assigned_to: bob.id },
      { status: 'resolved' },
      { status: 'closed' },
      { status: 'resolved', resolved_at: new Date(Date.parse(monthStart) - 1) },
      {}
    ])
    const total = async (query: string) => (await api<Page<Ticket>>(ann, 'GET', `/teams/${team}/tickets?page=1&${query}`)).body.total
    const stats = await statsOf(team)
    const open = 'status=open&status=in_progress'
    expect(await total(open)).toBe(stats.open_tickets)
    expect(await total(`${open}&assigned_to=none`)).toBe(stats.unassigned_tickets)
    expect(await total('status=waiting')).toBe(stats.waiting_tickets)
    expect(await total(`resolved_from=${stats.month_start}`)).toBe(stats.resolved_this_month)
    expect(stats.resolved_this_month).toBe(2)
    for (const { category, count } of stats.tickets_by_category) expect(await total(`${open}&category=${category}`)).toBe(count)
    for (const { priority, count } of stats.tickets_by_priority) expect(await total(`${open}&priority=${priority}`)).toBe(count)
    for (const { user_id, open_count, in_progress_count, waiting_count } of stats.agent_workload) {
      expect(await total(`${open}&assigned_to=${user_id}`)).toBe(open_count + in_progress_count)
      expect(await total(`status=waiting&assigned_to=${user_id}`)).toBe(waiting_count)
    }
  })
})
