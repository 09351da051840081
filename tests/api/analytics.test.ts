import { randomUUID } from 'node:crypto'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ReportWindow } from '#shared/utils/report'
import type { ReportSummary, Ticket } from '#shared/types/api'
import { asUser } from '#server/db/identity'
import { closePool, configureDatabase } from '#server/db/pool'
import { getReport } from '#server/domain/report'
import { api, database, expectError, newTeam } from '../support/api.ts'
import { product } from '../support/own-product.ts'
import { describeRouteRights } from '../support/routes.ts'
import { adam, ann, bob, initech, vera } from '../support/world.ts'

describeRouteRights('analytics')

interface TicketFixture {
  created: string
  resolved?: string
  answered?: string
  closed?: boolean
  assigned_to?: string
  category?: string
  severity?: number
  status?: string
}

/** A team of Ann, Adam, Bob and Vera without tickets. */
async function emptyTeam(time_zone = 'UTC'): Promise<{ id: string }> {
  const id = randomUUID()
  await database()`insert into public.teams ${database()({ id, name: 'Acme', slug: `t-${id.slice(0, 18)}`, time_zone })}`
  await database()`insert into public.team_members ${database()([ann, adam, bob, vera].map(person => ({ team_id: id, user_id: person.id, role: person.role })))}`
  return { id }
}

async function createTickets(team: { id: string }, tickets: TicketFixture[]): Promise<string[]> {
  const rows = tickets.map(
    ({ created, resolved, answered, closed, assigned_to = null, category = 'other', severity = 3, status = 'open' }) => ({
      id: randomUUID(),
      team_id: team.id,
      subject: 'A ticket',
      description: 'A ticket',
      created_by: ann.id,
      assigned_to,
      category,
      severity,
      created_at: created,
      status: resolved ? (closed ? 'closed' : 'resolved') : status,
      resolved_at: resolved ?? null,
      first_response_at: answered ?? null
    })
  )
  await database()`insert into public.tickets ${database()(rows)}`
  return rows.map(({ id }) => id)
}

async function reply(team: { id: string }, ticketId: string, by: { id: string }, created_at: string, is_internal = false): Promise<void> {
  await database()`insert into public.ticket_replies ${database()({ team_id: team.id, ticket_id: ticketId, user_id: by.id, content: 'A reply', created_at, is_internal })}`
}

beforeAll(() => {
  configureDatabase(product().databaseUrl, 2)
})
afterAll(closePool)

/** The report as of `now`, read as Vera. Calls the domain function, because the server's clock cannot be set. */
function reportAt(team: { id: string }, now: string, window: ReportWindow = 14): Promise<ReportSummary> {
  return asUser({ sub: vera.id }, db => getReport(db, team.id, window, new Date(now)))
}

const unrated = { asked: 0, rated: 0, average_rating: null }

const get = (team: { id: string }, query = '', person = bob) =>
  api<ReportSummary>(person, 'GET', `/teams/${team.id}/analytics/summary${query}`)
const days = ({ created_vs_resolved }: ReportSummary) => created_vs_resolved.filter(({ created, resolved }) => created + resolved > 0)

describe('a report', () => {
  test('the report contains every figure of its window and of the window before', async () => {
    const team = await emptyTeam()
    const [first] = await createTickets(team, [
      // Created in the window of 14 days, which begins on 7 June.
      {
        created: '2026-06-07T00:00:00Z',
        resolved: '2026-06-07T02:00:00Z',
        answered: '2026-06-07T00:30:00Z',
        assigned_to: bob.id,
        category: 'bug',
        severity: 1
      },
      {
        created: '2026-06-10T10:00:00Z',
        resolved: '2026-06-10T16:00:00Z',
        answered: '2026-06-10T11:00:00Z',
        assigned_to: bob.id,
        category: 'bug',
        closed: true
      },
      {
        created: '2026-06-10T12:00:00Z',
        resolved: '2026-06-12T12:00:00Z',
        answered: '2026-06-10T16:00:00Z',
        assigned_to: adam.id,
        category: 'billing'
      },
      { created: '2026-06-20T09:00:00Z', status: 'waiting', assigned_to: adam.id, category: 'question', severity: 2 },
      { created: '2026-06-20T11:59:00Z' },
      // Created before the window, resolved in it.
      { created: '2026-06-06T22:00:00Z', resolved: '2026-06-07T08:00:00Z', answered: '2026-06-06T23:00:00Z' },
      // Resolved in the window before.
      { created: '2026-05-24T00:00:00Z', resolved: '2026-05-24T03:00:00Z', answered: '2026-05-24T02:00:00Z', category: 'billing' },
      { created: '2026-06-06T20:00:00Z', resolved: '2026-06-06T23:59:59Z' },
      // Still open. The first is older than both windows; the other two are one second younger and one second older than 7 days.
      { created: '2026-05-23T23:59:59Z', status: 'in_progress', assigned_to: bob.id, severity: 5 },
      { created: '2026-06-13T12:00:01Z', severity: 5 },
      { created: '2026-06-13T11:59:59Z', severity: 5, category: 'question' }
    ])
    await reply(team, first!, bob, '2026-06-07T00:30:00Z')
    await reply(team, first!, vera, '2026-06-20T11:00:00Z')
    await reply(team, first!, bob, '2026-06-20T11:00:00Z', true)
    await reply(team, first!, bob, '2026-06-06T23:59:59Z')

    const report = await reportAt(team, '2026-06-20T12:00:00Z')
    expect({
      ...report,
      queue_load: report.queue_load.map(({ category_id: _, ...queue }) => queue),
      created_vs_resolved: days(report)
    }).toEqual({
      window: 14,
      time_zone: 'UTC',
      from: '2026-06-07',
      to: '2026-06-20',
      created: 7,
      resolved: 4,
      // Resolutions: 2, 6, 10 and 48 hours. First responses: 0.5, 1 and 4 hours.
      median_resolution_hours: 8,
      p90_resolution_hours: 36.6,
      median_first_response_hours: 1,
      p90_first_response_hours: 3.4,
      // Resolutions: 3 and 4 hours. First responses: 2 and 1 hours.
      previous: { created: 3, resolved: 2, median_resolution_hours: 3.5, median_first_response_hours: 1.5 },
      open_by_severity: { 1: 0, 2: 1, 3: 1, 4: 0, 5: 3 },
      satisfaction: { ...unrated, previous: unrated, distribution: { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 }, comments: [] },
      sla: { met: 0, missed: 0, compliance: null, overdue: 0, due_soon: 0 },
      aging: { over7d: 2, over14d: 1 },
      queue_load: [
        { key: 'other', name: 'Other', open: 3 },
        { key: 'question', name: 'Question', open: 2 },
        { key: 'bug', name: 'Bug', open: 0 },
        { key: 'feature_request', name: 'Feature request', open: 0 },
        { key: 'billing', name: 'Billing', open: 0 },
        { key: 'content_update', name: 'Content update', open: 0 }
      ],
      created_vs_resolved: [
        { date: '2026-06-07', created: 1, resolved: 2 },
        { date: '2026-06-10', created: 2, resolved: 1 },
        { date: '2026-06-12', created: 0, resolved: 1 },
        { date: '2026-06-13', created: 2, resolved: 0 },
        { date: '2026-06-20', created: 2, resolved: 0 }
      ],
      per_agent: [
        {
          user_id: bob.id,
          name: bob.name,
          avatar_url: null,
          is_member: true,
          assigned_open: 1,
          resolved: 2,
          median_resolution_hours: 4,
          median_first_response_hours: 0.75,
          replies: 1,
          ...unrated
        },
        {
          user_id: adam.id,
          name: adam.name,
          avatar_url: null,
          is_member: true,
          assigned_open: 1,
          resolved: 1,
          median_resolution_hours: 48,
          median_first_response_hours: 4,
          replies: 0,
          ...unrated
        },
        {
          user_id: vera.id,
          name: vera.name,
          avatar_url: null,
          is_member: true,
          assigned_open: 0,
          resolved: 0,
          median_resolution_hours: null,
          median_first_response_hours: null,
          replies: 1,
          ...unrated
        },
        {
          user_id: ann.id,
          name: ann.name,
          avatar_url: null,
          is_member: true,
          assigned_open: 0,
          resolved: 0,
          median_resolution_hours: null,
          median_first_response_hours: null,
          replies: 0,
          ...unrated
        },
        {
          user_id: null,
          name: null,
          avatar_url: null,
          is_member: false,
          assigned_open: 3,
          resolved: 1,
          median_resolution_hours: 10,
          median_first_response_hours: null,
          replies: 0,
          ...unrated
        }
      ],
      per_category: [
        { key: 'bug', name: 'Bug', created: 2, resolved: 2, open: 0, median_resolution_hours: 4, ...unrated },
        { key: 'feature_request', name: 'Feature request', created: 0, resolved: 0, open: 0, median_resolution_hours: null, ...unrated },
        { key: 'question', name: 'Question', created: 2, resolved: 0, open: 2, median_resolution_hours: null, ...unrated },
        { key: 'billing', name: 'Billing', created: 1, resolved: 1, open: 0, median_resolution_hours: 48, ...unrated },
        { key: 'content_update', name: 'Content update', created: 0, resolved: 0, open: 0, median_resolution_hours: null, ...unrated },
        { key: 'other', name: 'Other', created: 2, resolved: 1, open: 3, median_resolution_hours: 10, ...unrated }
      ]
    })
    const categories = await database()`select id from public.ticket_categories where team_id = ${team.id} and key = 'other'`
    expect(report.queue_load[0]!.category_id).toBe(categories[0]!.id)
  })

  test('the report has the ratings by clients who were asked in the window, of agents and categories, with their comments', async () => {
    const team = await emptyTeam()
    const day = (number: number) => `2026-06-${String(number).padStart(2, '0')}T10:00:00Z`
    const tickets = await createTickets(
      team,
      Array.from({ length: 5 }, (_, index) => ({
        created: '2026-05-01T00:00:00Z',
        resolved: '2026-05-01T10:00:00Z',
        category: index < 2 ? 'bug' : 'billing'
      }))
    )
    const contact = randomUUID()
    await database()`insert into public.contacts (id, team_id, name) values (${contact}, ${team.id}, 'Cleo Client')`
    const ratings = [
      { asked_at: '2026-06-06T23:59:59Z', score: 1, comment: 'Before the window', agent: bob },
      { asked_at: '2026-06-07T00:00:00Z', score: 5, comment: 'Quick!', agent: bob },
      { asked_at: day(10), score: 2, comment: null, agent: bob },
      { asked_at: day(11), score: 3, comment: 'So so', agent: adam },
      { asked_at: day(12), score: null, comment: null, agent: null }
    ]
    for (const [index, { asked_at, score, comment, agent }] of ratings.entries())
      await database()`
        insert into public.ticket_ratings
        ${database()({
          team_id: team.id,
          ticket_id: tickets[index]!,
          cycle: 1,
          resolved_at: asked_at,
          asked_at,
          score,
          comment,
          rated_at: score && day(14),
          contact_id: contact,
          assigned_to: agent?.id ?? null
        })}`
    const report = await reportAt(team, '2026-06-20T12:00:00Z')
    expect(report.satisfaction).toEqual({
      asked: 4,
      rated: 3,
      average_rating: 3.33,
      previous: { asked: 1, rated: 1, average_rating: 1 },
      distribution: { 1: 0, 2: 1, 3: 1, 4: 0, 5: 1 },
      comments: expect.arrayContaining([
        expect.objectContaining({
          comment: 'Quick!',
          score: 5,
          contact: 'Cleo Client',
          agent: bob.name,
          rated_at: '2026-06-14T10:00:00.000000Z'
        }),
        expect.objectContaining({ comment: 'So so', score: 3, agent: adam.name })
      ]) as unknown
    })
    expect(report.satisfaction.comments).toHaveLength(2)
    const agentOf = (id: string | null) => report.per_agent.find(({ user_id }) => user_id === id)
    expect(agentOf(bob.id)).toMatchObject({ asked: 2, rated: 2, average_rating: 3.5 })
    expect(agentOf(adam.id)).toMatchObject({ asked: 1, rated: 1, average_rating: 3 })
    expect(agentOf(ann.id)).toMatchObject(unrated)
    const categoryOf = (name: string) => report.per_category.find(({ key }) => key === name)
    expect(categoryOf('bug')).toMatchObject({ asked: 1, rated: 1, average_rating: 5 })
    expect(categoryOf('billing')).toMatchObject({ asked: 3, rated: 2, average_rating: 2.5 })
  })

  test('the report of a team without tickets has zeros, nulls and every day of the window', async () => {
    const report = (await get(await emptyTeam())).body
    expect(report).toMatchObject({
      window: 30,
      created: 0,
      resolved: 0,
      median_resolution_hours: null,
      p90_resolution_hours: null,
      median_first_response_hours: null,
      p90_first_response_hours: null,
      previous: { created: 0, resolved: 0, median_resolution_hours: null, median_first_response_hours: null },
      open_by_severity: { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 },
      aging: { over7d: 0, over14d: 0 }
    })
    expect(report.created_vs_resolved).toHaveLength(30)
    expect(report.per_agent.map(({ name, assigned_open, resolved, replies }) => [name, assigned_open, resolved, replies])).toEqual([
      [adam.name, 0, 0, 0],
      [ann.name, 0, 0, 0],
      [bob.name, 0, 0, 0]
    ])
    expect(report.queue_load.map(({ key }) => key)).toEqual(['bug', 'feature_request', 'question', 'billing', 'content_update', 'other'])
  })

  test.each([[14], [30], [90]] as const)('a report of %d days ends today and lists each day once', async window => {
    const report = await reportAt(await emptyTeam(), '2026-03-15T12:00:00Z', window)
    const dates = report.created_vs_resolved.map(({ date }) => date)
    expect(dates).toHaveLength(window)
    expect(new Set(dates).size).toBe(window)
    expect([dates[0], dates.at(-1)]).toEqual([report.from, '2026-03-15'])
    expect(report).toMatchObject({ window, to: '2026-03-15' })
    expect((Date.parse(report.to) - Date.parse(report.from)) / 86_400_000).toBe(window - 1)
  })

  test.each(['window=7', 'window=0', 'window=30.0', 'window=', 'window=30&window=90', 'window=x', 'days=30', 'window=030', 'window[]=30'])(
    'the report and its CSV refuse ?%s',
    async query => {
      const team = await newTeam()
      expectError(await get(team, `?${query}`), 400, 'invalid')
      expectError(await api(bob, 'GET', `/teams/${team.id}/analytics/report.csv?table=per_agent&${query}`), 400, 'invalid')
    }
  )
})

describe('days of a report', () => {
  const zones: [zone: string, now: string, from: string, to: string][] = [
    ['Pacific/Kiritimati', '2026-06-20T09:59:59Z', '2026-06-07', '2026-06-20'],
    ['Pacific/Kiritimati', '2026-06-20T10:00:00Z', '2026-06-08', '2026-06-21'],
    ['Pacific/Pago_Pago', '2026-06-20T10:59:59Z', '2026-06-06', '2026-06-19'],
    ['Asia/Kathmandu', '2026-06-20T18:15:00Z', '2026-06-08', '2026-06-21']
  ]
  test.each(zones)('for a team in %s at %s the report covers %s to %s', async (zone, now, from, to) => {
    expect(await reportAt(await emptyTeam(zone), now)).toMatchObject({ time_zone: zone, from, to })
  })

  // Days on which clocks change. `first` and `last` are the first and the last second of the day, `next` is the second after it.
  const clockChanges: [kind: string, zone: string, now: string, day: string, first: string, last: string, next: string][] = [
    [
      'of 23 hours',
      'Europe/Berlin',
      '2026-04-02T12:00:00Z',
      '2026-03-29',
      '2026-03-28T23:00:00Z',
      '2026-03-29T21:59:59Z',
      '2026-03-29T22:00:00Z'
    ],
    [
      'of 25 hours',
      'Europe/Berlin',
      '2026-10-28T12:00:00Z',
      '2026-10-25',
      '2026-10-24T22:00:00Z',
      '2026-10-25T22:59:59Z',
      '2026-10-25T23:00:00Z'
    ],
    [
      'without a midnight',
      'Asia/Beirut',
      '2026-04-02T12:00:00Z',
      '2026-03-29',
      '2026-03-28T22:00:00Z',
      '2026-03-29T20:59:59Z',
      '2026-03-29T21:00:00Z'
    ],
    [
      'with two midnights',
      'Atlantic/Azores',
      '2026-10-28T12:00:00Z',
      '2026-10-25',
      '2026-10-25T00:00:00Z',
      '2026-10-26T00:59:59Z',
      '2026-10-26T01:00:00Z'
    ]
  ]
  test.each(clockChanges)(
    'a day %s in %s counts tickets from its first to its last second',
    async (_, zone, now, day, first, last, next) => {
      const team = await emptyTeam(zone)
      const before = new Date(Date.parse(first) - 1000).toISOString()
      await createTickets(
        team,
        [before, first, last, next].map(created => ({ created, resolved: created }))
      )
      const at = (report: ReportSummary) => report.created_vs_resolved.find(({ date }) => date === day)
      expect(at(await reportAt(team, now))).toEqual({ date: day, created: 2, resolved: 2 })

      // As the first day of a window: a ticket from one second earlier counts in the window before.
      const fortnightLater = new Date(Date.parse(`${day}T12:00:00Z`) + 13 * 86_400_000).toISOString()
      const report = await reportAt(team, fortnightLater)
      expect(report).toMatchObject({ from: day, created: 3, resolved: 3, previous: { created: 1, resolved: 1 } })
      expect(at(report)).toEqual({ date: day, created: 2, resolved: 2 })
      // As the last day of a window.
      expect(await reportAt(team, last)).toMatchObject({ to: day, created: 3, resolved: 3 })
    }
  )
})

describe('tickets in a report', () => {
  test('a reopened ticket counts as open and not as resolved until it is resolved again', async () => {
    const team = await emptyTeam()
    const created = new Date(Date.now() - 10 * 3_600_000).toISOString()
    const [id] = await createTickets(team, [
      { created, resolved: new Date(Date.now() - 9 * 3_600_000).toISOString(), closed: true, assigned_to: bob.id, severity: 1 }
    ])
    expect((await get(team)).body).toMatchObject({ created: 1, resolved: 1, median_resolution_hours: 1, open_by_severity: { 1: 0 } })

    expect((await api<Ticket>(ann, 'PATCH', `/teams/${team.id}/tickets/${id}`, { status: 'open' })).status).toBe(200)
    const reopened = (await get(team)).body
    expect(reopened).toMatchObject({
      created: 1,
      resolved: 0,
      median_resolution_hours: null,
      p90_resolution_hours: null,
      open_by_severity: { 1: 1 }
    })
    expect(reopened.per_agent[0]).toMatchObject({ user_id: bob.id, assigned_open: 1, resolved: 0, median_resolution_hours: null })
    expect(reopened.created_vs_resolved.every(({ resolved }) => resolved === 0)).toBe(true)

    expect((await api<Ticket>(bob, 'PATCH', `/teams/${team.id}/tickets/${id}`, { status: 'resolved' })).status).toBe(200)
    const again = (await get(team)).body
    expect(again).toMatchObject({ created: 1, resolved: 1, open_by_severity: { 1: 0 } })
    expect(again.median_resolution_hours).toBeCloseTo(10, 1)
  })

  test('a report counts only tickets of its own team, and the report of another team answers 404', async () => {
    const [team, other] = [await emptyTeam(), await emptyTeam()]
    await createTickets(other, [{ created: '2026-06-20T09:00:00Z', resolved: '2026-06-20T10:00:00Z', assigned_to: bob.id }])
    expect(await reportAt(team, '2026-06-20T12:00:00Z')).toMatchObject({ created: 0, resolved: 0 })
    expect(await reportAt(other, '2026-06-20T12:00:00Z')).toMatchObject({ created: 1, resolved: 1 })
    expectError(await get({ id: initech.id }), 404, 'not_found')
    expectError(await api(bob, 'GET', `/teams/${initech.id}/analytics/report.csv?table=per_agent`), 404, 'not_found')
  })

  test('a deleted ticket no longer counts in the report', async () => {
    const team = await emptyTeam()
    const [id] = await createTickets(team, [{ created: new Date().toISOString() }])
    expect((await get(team)).body).toMatchObject({ created: 1 })
    await api(ann, 'DELETE', `/teams/${team.id}/tickets/${id}`)
    expect((await get(team)).body).toMatchObject({ created: 0, open_by_severity: { 3: 0 } })
  })

  test('a resolved ticket counts for the agent it was assigned to when it was resolved', async () => {
    const team = await emptyTeam()
    const resolvedBy = async () =>
      Object.fromEntries(
        (await get(team, '', ann)).body.per_agent.filter(({ resolved }) => resolved > 0).map(({ name, resolved }) => [name, resolved])
      )
    const [bobs, unassigned] = await createTickets(team, [
      { created: new Date().toISOString(), assigned_to: bob.id },
      { created: new Date().toISOString() }
    ])
    const change = async (id: string, fields: Record<string, unknown>) =>
      expect((await api<Ticket>(ann, 'PATCH', `/teams/${team.id}/tickets/${id}`, fields)).status).toBe(200)
    await change(bobs!, { status: 'resolved' })
    await change(unassigned!, { status: 'resolved' })
    await change(bobs!, { assigned_to: adam.id })
    await change(bobs!, { assigned_to: ann.id })
    await change(unassigned!, { assigned_to: adam.id })
    expect(await resolvedBy()).toEqual({ [bob.name]: 1, null: 1 })
    await change(bobs!, { status: 'open' })
    await change(bobs!, { status: 'resolved' })
    expect(await resolvedBy()).toEqual({ [ann.name]: 1, null: 1 })
    await change(unassigned!, { status: 'open' })
    await change(unassigned!, { status: 'resolved', assigned_to: bob.id }) // assigned and resolved in one request: counts for Bob
    expect(await resolvedBy()).toEqual({ [ann.name]: 1, [bob.name]: 1 })
  })

  test("a removed member's open tickets become unassigned; their resolved tickets and replies still count for them", async () => {
    const team = await emptyTeam()
    const now = Date.now()
    const [open, done] = await createTickets(team, [
      { created: new Date(now - 3_600_000).toISOString(), assigned_to: bob.id },
      { created: new Date(now - 3_600_000).toISOString(), resolved: new Date(now - 1_800_000).toISOString(), assigned_to: bob.id }
    ])
    await reply(team, open!, bob, new Date(now - 600_000).toISOString())
    await reply(team, done!, bob, new Date(now - 600_000).toISOString(), true)
    expect((await get(team, '', ann)).body.per_agent[0]).toMatchObject({
      user_id: bob.id,
      is_member: true,
      assigned_open: 1,
      resolved: 1,
      replies: 1,
      median_resolution_hours: 0.5
    })

    expect((await api(ann, 'DELETE', `/teams/${team.id}/members/${bob.id}`)).status).toBe(204)
    const { per_agent } = (await get(team, '', ann)).body
    expect(per_agent.find(({ user_id }) => user_id === bob.id)).toMatchObject({
      name: bob.name,
      is_member: false,
      assigned_open: 0,
      resolved: 1,
      replies: 1,
      median_resolution_hours: 0.5
    })
    expect(per_agent.at(-1)).toMatchObject({ user_id: null, name: null, assigned_open: 1, resolved: 0, replies: 0 })
    expectError(await get(team), 404, 'not_found')
  })
})

describe('report.csv', () => {
  const download = (team: { id: string }, query: string, person = vera) =>
    api<string>(person, 'GET', `/teams/${team.id}/analytics/report.csv?${query}`)
  const cells = ({ body }: { body: string }) => parse(body, { bom: true }) as unknown as string[][]

  test('report.csv has the figures of the report, row by row', async () => {
    const team = await emptyTeam()
    const now = Date.now()
    const at = (minutes: number) => new Date(now - minutes * 60_000).toISOString()
    await createTickets(team, [
      { created: at(90), resolved: at(60), answered: at(75), assigned_to: bob.id, category: 'bug', severity: 1 },
      { created: at(90), status: 'waiting', category: 'bug', severity: 2 }
    ])
    const report = (await get(team, '?window=14')).body
    expect(cells(await download(team, 'table=created_vs_resolved&window=14'))).toEqual([
      ['Day', 'Created', 'Resolved'],
      ...report.created_vs_resolved.map(({ date, created, resolved }) => [date, String(created), String(resolved)])
    ])
    expect(cells(await download(team, 'table=open_by_severity'))).toEqual([
      ['Severity', 'Open and waiting'],
      ['SEV 1', '0'],
      ['SEV 2', '1'],
      ['SEV 3', '0'],
      ['SEV 4', '0'],
      ['SEV 5', '0']
    ])
    expect(cells(await download(team, 'table=queue_load')).slice(0, 2)).toEqual([
      ['Category', 'Open and waiting'],
      ['Bug', '1']
    ])
    expect(cells(await download(team, 'table=per_agent'))).toEqual([
      [
        'Agent',
        'Open and waiting',
        'Resolved',
        'Median resolution (hours)',
        'Median first response (hours)',
        'Replies',
        'Average rating',
        'Ratings',
        'Asked for a rating'
      ],
      [bob.name, '0', '1', '0.5', '0.25', '0', '', '0', '0'],
      [adam.name, '0', '0', '', '', '0', '', '0', '0'],
      [ann.name, '0', '0', '', '', '0', '', '0', '0'],
      ['Nobody', '1', '0', '', '', '0', '', '0', '0']
    ])
    expect(cells(await download(team, 'table=per_category')).slice(0, 2)).toEqual([
      [
        'Category',
        'Created',
        'Resolved',
        'Open and waiting',
        'Median resolution (hours)',
        'Average rating',
        'Ratings',
        'Asked for a rating'
      ],
      ['Bug', '2', '1', '1', '0.5', '', '0', '0']
    ])
    expect(cells(await download(team, 'table=satisfaction')).slice(0, 2)).toEqual([
      ['Rating', 'Ratings'],
      ['5 of 5', '0']
    ])
  })

  test('report.csv is served as a UTF-8 attachment that is not cached', async () => {
    const team = await newTeam()
    const { status, headers } = await download(team, 'table=per_agent&window=90')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toContain('text/csv; charset=utf-8')
    expect(headers.get('content-disposition')).toBe('attachment; filename="per_agent-90-days.csv"')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('report.csv escapes names that a spreadsheet would run as formulas', async () => {
    const team = await emptyTeam()
    await database()`insert into public.ticket_categories (team_id, key, name, position) values (${team.id}, 'evil', ${'=HYPERLINK("http://evil.test","click")'}, 9)`
    expect(cells(await download(team, 'table=queue_load')).at(-1)).toEqual(['\'=HYPERLINK("http://evil.test","click")', '0'])
  })

  test.each(['', 'table=', 'table=tickets', 'table=constructor', 'table=per_agent&table=per_category', 'table=per_agent&format=xlsx'])(
    'report.csv refuses ?%s',
    async query => {
      expectError(await download(await newTeam(), query), 400, 'invalid')
    }
  )
})
