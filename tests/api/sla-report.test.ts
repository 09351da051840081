import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { slaListPath, type SlaSelection } from '~/utils/report/sla-links'
import { slaMetrics } from '#shared/sla/clock'
import type { SlaReportQuery } from '#shared/schemas/report'
import type { SlaByMetric, SlaReport, TeamStats } from '#shared/types/api'
import { asUser } from '#server/db/identity'
import { closePool, configureDatabase } from '#server/db/pool'
import { getReport } from '#server/domain/report'
import { getSlaReport } from '#server/domain/sla/report'
import { getStats } from '#server/domain/stats'
import { api, database, expectError } from '../support/api.ts'
import { product } from '../support/own-product.ts'
import { createRandom } from '../support/random.ts'
import { adam, ann, bob, ivan, vera } from '../support/world.ts'

beforeAll(() => {
  configureDatabase(product().databaseUrl, 2)
})
afterAll(closePool)

interface TicketFixture {
  category?: string
  created_at?: Date
  assigned_to?: string
  subject?: string
}

interface ClockFixture {
  ticket: string
  metric: string
  cycle?: number
  state: 'achieved' | 'missed' | 'cancelled'
  policy: { id: string; name: string }
  agent?: string
  ended: string
}

/** A team of Ann, Adam, Bob and Vera without tickets. */
async function emptyTeam(time_zone = 'UTC'): Promise<string> {
  const id = randomUUID()
  await database()`insert into public.teams ${database()({ id, name: 'Promises', slug: `p-${id.slice(0, 18)}`, time_zone })}`
  await database()`insert into public.team_members ${database()([ann, adam, bob, vera].map(person => ({ team_id: id, user_id: person.id, role: person.role })))}`
  return id
}

async function addTicket(team: string, fields: TicketFixture = {}): Promise<string> {
  const id = randomUUID()
  await database()`insert into public.tickets ${database()({ id, team_id: team, subject: 'A ticket', description: 'x', created_by: ann.id, ...fields })}`
  return id
}

async function addClocks(team: string, clocks: ClockFixture[]): Promise<void> {
  for (const { ticket, metric, cycle = 1, state, policy, agent = null, ended } of clocks)
    await database()`insert into public.sla_clocks ${database()({
      team_id: team,
      ticket_id: ticket,
      metric,
      cycle,
      policy: database().json(policy),
      target_seconds: 3600,
      state,
      cancel_reason: state === 'cancelled' ? 'resolved' : null,
      started_at: '2026-05-30T08:00:00Z',
      remaining_seconds: 0,
      breached_at: state === 'missed' ? '2026-05-30T09:00:00Z' : null,
      ended_at: ended,
      agent_id: agent
    })}`
}

function reportAt(team: string, period: Partial<SlaReportQuery>, now = new Date()): Promise<SlaReport> {
  return asUser({ sub: vera.id }, db => getSlaReport(db, team, { window: 30, ...period }, now))
}

const get = (team: string, query = '', person: typeof bob | typeof ivan = bob) =>
  api<SlaReport>(person, 'GET', `/teams/${team}/analytics/sla${query}`)

// [met, missed] in all, and of the first response, the next response and the resolution
const numbers = (row: SlaByMetric) => [row, row.first_response, row.next_response, row.resolution].map(({ met, missed }) => [met, missed])

/**
 * Clocks of a team in Berlin that ended from Wednesday 3 June to Tuesday 16 June: four met, two missed and one cancelled; and one each in the
 * second before and after.
 */
async function teamWithResults(): Promise<string> {
  const team = await emptyTeam('Europe/Berlin')
  const [first, second, third] = [
    await addTicket(team, { category: 'bug' }),
    await addTicket(team, { category: 'billing' }),
    await addTicket(team)
  ]
  const [gold, standard] = [randomUUID(), randomUUID()]
  const silver = { id: gold, name: 'Silver' }
  const named = { id: gold, name: 'Gold' }
  const usual = { id: standard, name: 'Standard' }
  await addClocks(team, [
    { ticket: first, metric: 'first_response', state: 'achieved', policy: silver, agent: bob.id, ended: '2026-06-02T22:00:00Z' },
    { ticket: first, metric: 'resolution', state: 'missed', policy: named, agent: bob.id, ended: '2026-06-07T21:59:59Z' },
    { ticket: second, metric: 'first_response', state: 'achieved', policy: usual, agent: adam.id, ended: '2026-06-07T22:00:00Z' },
    { ticket: second, metric: 'next_response', state: 'missed', policy: usual, agent: adam.id, ended: '2026-06-10T10:00:00Z' },
    { ticket: second, metric: 'next_response', cycle: 2, state: 'achieved', policy: usual, agent: adam.id, ended: '2026-06-16T21:59:59Z' },
    { ticket: second, metric: 'resolution', state: 'achieved', policy: usual, ended: '2026-06-12T10:00:00Z' },
    { ticket: third, metric: 'first_response', state: 'cancelled', policy: usual, ended: '2026-06-12T10:00:00Z' },
    { ticket: third, metric: 'resolution', state: 'achieved', policy: usual, agent: bob.id, ended: '2026-06-02T21:59:59Z' },
    { ticket: third, metric: 'next_response', state: 'missed', policy: usual, agent: bob.id, ended: '2026-06-16T22:00:00Z' }
  ])
  return team
}

/** A team that promises a first response within an hour for every ticket. */
async function teamWithPolicy(): Promise<string> {
  const team = await emptyTeam()
  const targets = { first_response: { low: 3600, normal: 3600, high: 3600, urgent: 3600 } }
  await database()`insert into public.sla_policies ${database()({ team_id: team, name: 'One hour', targets: database().json(targets), created_by: ann.id })}`
  return team
}

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000)

describe('the SLA report', () => {
  test('the report counts the clocks that ended in the period, in all, by metric, policy, agent, category and week', async () => {
    const report = await reportAt(await teamWithResults(), { from: '2026-06-03', to: '2026-06-16' })
    expect(report).toMatchObject({ time_zone: 'Europe/Berlin', from: '2026-06-03', to: '2026-06-16', overdue: 0, due_soon: 0, next: [] })
    const half = { met: 1, missed: 1, compliance: 0.5, missed_tickets: 1 }
    expect(report.total).toEqual({
      met: 4,
      missed: 2,
      compliance: 0.6667,
      cancelled: 1,
      missed_tickets: 2,
      first_response: { met: 2, missed: 0, compliance: 1, missed_tickets: 0 },
      next_response: half,
      resolution: half
    })
    expect(report.per_policy.map(row => [row.name, row.compliance, ...numbers(row)])).toEqual([
      ['Standard', 0.75, [3, 1], [1, 0], [1, 1], [1, 0]],
      ['Gold', 0.5, [1, 1], [1, 0], [0, 0], [0, 1]]
    ])
    expect(report.per_agent.map(row => [row.user_id, row.name, row.compliance, ...numbers(row)])).toEqual([
      [adam.id, adam.name, 0.6667, [2, 1], [1, 0], [1, 1], [0, 0]],
      [bob.id, bob.name, 0.5, [1, 1], [1, 0], [0, 0], [0, 1]],
      [null, null, 1, [1, 0], [0, 0], [0, 0], [1, 0]]
    ])
    expect(report.per_category.map(row => [row.key, row.name, row.compliance, ...numbers(row)])).toEqual([
      ['billing', 'Billing', 0.75, [3, 1], [1, 0], [1, 1], [1, 0]],
      ['bug', 'Bug', 0.5, [1, 1], [1, 0], [0, 0], [0, 1]]
    ])
    expect(report.per_week.map(row => [row.week, row.compliance, ...numbers(row)])).toEqual([
      ['2026-06-01', 0.5, [1, 1], [1, 0], [0, 0], [0, 1]],
      ['2026-06-08', 0.6667, [2, 1], [1, 0], [0, 1], [1, 0]],
      ['2026-06-15', 1, [1, 0], [0, 0], [1, 0], [0, 0]]
    ])
  })

  test('every number of tickets in the report is the number of tickets in the list that it opens', async () => {
    const team = await emptyTeam('America/Sao_Paulo')
    const random = createRandom(7)
    const pick = <T>(values: readonly T[]): T => values[random(values.length)]!
    const policies = ['Gold', 'Silver "plus"', 'Twin', 'Twin'].map(name => ({ id: randomUUID(), name }))
    const clocks: ClockFixture[] = []
    for (let number = 0; number < 30; number++) {
      const ticket = await addTicket(team, { category: pick(['bug', 'billing', 'other']) })
      for (const metric of slaMetrics)
        for (let cycle = 1; cycle <= random(4); cycle++) {
          const ended = new Date(Date.UTC(2026, 5, 1 + random(20), random(24), random(60))).toISOString()
          const state = pick(['achieved', 'missed', 'missed', 'cancelled'] as const)
          clocks.push({ ticket, metric, cycle, state, policy: pick(policies), agent: pick([bob.id, adam.id, undefined]), ended })
        }
    }
    await addClocks(team, clocks)
    const report = await reportAt(team, { from: '2026-06-04', to: '2026-06-16' })
    const find = async (selection: SlaSelection) => {
      const { q } = slaListPath(report, selection).query as { q: string }
      const { status, body } = await api<{ total: number }>(bob, 'GET', `/teams/${team}/tickets?page=1&q=${encodeURIComponent(q)}`)
      expect(status, JSON.stringify(body)).toBe(200)
      return body.total
    }
    const rows: [SlaByMetric, SlaSelection][] = [
      [report.total, {}],
      ...report.per_policy.map((row): [SlaByMetric, SlaSelection] => [row, { policy: { id: row.policy_id, name: row.name } }]),
      ...report.per_agent.map((row): [SlaByMetric, SlaSelection] => [row, { agent: { id: row.user_id, name: row.name } }]),
      ...report.per_category.map((row): [SlaByMetric, SlaSelection] => [row, { category: row.key }])
    ]
    expect(rows).toHaveLength(1 + 4 + 3 + 3)
    for (const [row, selection] of rows)
      for (const metric of [null, ...slaMetrics]) {
        const { missed_tickets } = metric ? row[metric] : row
        expect(await find({ ...selection, metric, result: 'missed' }), JSON.stringify({ selection, metric })).toBe(missed_tickets)
      }
    // What was met or missed, by hand.
    const inPeriod = clocks.filter(
      ({ state, ended }) => state !== 'cancelled' && ended >= '2026-06-04T03:00:00.000Z' && ended < '2026-06-17T03:00:00.000Z'
    )
    expect(await find({})).toBe(new Set(inPeriod.map(({ ticket }) => ticket)).size)
  })

  test('a window of days ends today in the zone of the team', async () => {
    const team = await teamWithResults()
    const at = (now: string) => reportAt(team, { window: 14 }, new Date(now))
    expect(await at('2026-06-16T21:59:59Z')).toMatchObject({ from: '2026-06-03', to: '2026-06-16', total: { met: 4, missed: 2 } })
    expect(await at('2026-06-16T22:00:00Z')).toMatchObject({ from: '2026-06-04', to: '2026-06-17', total: { met: 3, missed: 3 } })
  })

  test('the dashboard and the summary have the same figures, of their month and their window', async () => {
    const team = await teamWithResults()
    const now = new Date('2026-06-16T21:59:59Z')
    const summary = await asUser({ sub: vera.id }, db => getReport(db, team, 14, now))
    expect(summary.sla).toEqual({ met: 4, missed: 2, compliance: 0.6667, overdue: 0, due_soon: 0 })
    const stats: TeamStats = await asUser({ sub: vera.id }, db => getStats(db, team, now))
    expect(stats.sla).toEqual({ met: 5, missed: 3, compliance: 0.625, overdue: 0, due_soon: 0 })
  })

  test('the report of a team without clocks has nulls, and every week', async () => {
    const { body } = await get(await emptyTeam(), '?from=2026-06-03&to=2026-06-16')
    const nothing = { met: 0, missed: 0, compliance: null, missed_tickets: 0 }
    const ofMetrics = { ...nothing, first_response: nothing, next_response: nothing, resolution: nothing }
    expect(body).toEqual({
      time_zone: 'UTC',
      from: '2026-06-03',
      to: '2026-06-16',
      total: { ...ofMetrics, cancelled: 0 },
      overdue: 0,
      due_soon: 0,
      per_policy: [],
      per_agent: [],
      per_category: [],
      per_week: ['2026-06-01', '2026-06-08', '2026-06-15'].map(week => ({ week, ...ofMetrics })),
      next: []
    })
  })

  test('the report counts what is overdue and due soon like the list, and shows the ten tickets that are due next', async () => {
    const team = await teamWithPolicy()
    await addTicket(team, { created_at: minutesAgo(70) })
    await addTicket(team, { created_at: minutesAgo(90) })
    await addTicket(team, { created_at: minutesAgo(55), subject: 'Soon', assigned_to: bob.id })
    for (let index = 0; index < 11; index++) await addTicket(team, { created_at: minutesAgo(20 - index), subject: `Later ${index}` })
    await expect
      .poll(async () => {
        await database()`select private.mark_due_clocks(100)`
        const { overdue, due_soon } = (await get(team)).body
        return { overdue, due_soon }
      })
      .toEqual({ overdue: 2, due_soon: 1 })
    const counted = async (q: string) => (await api<{ total: number }>(bob, 'GET', `/teams/${team}/tickets?page=1&q=${q}`)).body.total
    expect([await counted('is:overdue'), await counted('is:breaching')]).toEqual([2, 1])
    const { next } = (await get(team)).body
    expect(next.map(({ subject }) => subject)).toEqual(['Soon', ...Array.from({ length: 9 }, (_, index) => `Later ${index}`)])
    expect(next[0]).toMatchObject({
      sla_metric: 'first_response',
      sla_state: 'imminent',
      assignee_name: bob.name,
      assignee: { id: bob.id, full_name: bob.name, avatar_url: null }
    })
    expect(next[1]).toMatchObject({ sla_state: 'pending', assignee: null, assignee_name: null })
    const { body } = await api<TeamStats>(bob, 'GET', `/teams/${team}/stats`)
    expect(body.sla).toMatchObject({ met: 0, missed: 0, overdue: 2, due_soon: 1 })
  })

  test('the report of another team is not found', async () => {
    expectError(await get(await emptyTeam(), '', ivan), 404)
  })

  test.each([
    ['from=2026-06-01', 'from', 'Use from and to together'],
    ['to=2026-06-01', 'from', 'Use from and to together'],
    ['from=2026-06-02&to=2026-06-01', 'to', 'The last day must not be before the first'],
    ['from=2025-06-01&to=2026-06-02', 'to', 'A report covers at most 366 days'],
    ['from=0000-06-01&to=2026-06-01', 'from', 'Years are 0001 to 9999'],
    ['from=2026-02-30&to=2026-03-01', 'from', 'Not a day (YYYY-MM-DD)'],
    ['from=2026-06-01T00:00:00Z&to=2026-06-02', 'from', 'Not a day (YYYY-MM-DD)'],
    ['window=7', 'window', 'Window is 14, 30 or 90 days']
  ])('the report refuses ?%s with an issue at %s', async (query, path, message) => {
    const error = expectError(await get(await emptyTeam(), `?${query}`), 400, 'invalid')
    expect(error.data.issues).toContainEqual({ path, message })
  })

  test('the report covers 366 days, and single days at the ends of time', async () => {
    const team = await emptyTeam('Pacific/Kiritimati')
    for (const [from, to] of [
      ['2025-06-01', '2026-06-01'],
      ['0001-01-01', '0001-01-01'],
      ['9999-12-31', '9999-12-31']
    ] as const)
      expect((await get(team, `?from=${from}&to=${to}`)).body).toMatchObject({ from, to, total: { met: 0 } })
  })
})
