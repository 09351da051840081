// Measures the SLA simulator and the SLA report on a throw-away database: node bench/sla-simulator.ts [tickets, 100000].
// Prints the seconds of a simulation, its longest step and how long it held the event loop, and milliseconds of the report and of its lists.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import postgres, { type Sql } from 'postgres'
import type { Db } from '#server/db/types'
import { loadModule } from '../scripts/server-modules.ts'
import { withScratchDatabase } from '../supabase/embedded/scratch.ts'
import { insertCalendar, officeHours } from '../tests/support/calendars.ts'

const tickets = Number(process.argv[2] ?? 100_000)
const rounds = 20
const say = (line: string) => process.stdout.write(`${line}\n`)
const owner = '11111111-0000-4000-8000-000000000001'
const levels = (seconds: number) => ({ low: 2 * seconds, normal: seconds, high: seconds, urgent: seconds / 2 })

await withScratchDatabase(async ({ postgresUrl }) => {
  const sql = postgres(postgresUrl, { max: 1, onnotice: () => {} })
  await sql`insert into auth.users (id, email, raw_user_meta_data) values (${owner}, 'owner@bench.test', ${sql.json({ full_name: 'Owner' })})`
  const [{ id: team }] = await sql<[{ id: string }]>`insert into public.teams (name, slug) values ('Bench', 'bench') returning id`
  await sql`insert into public.team_members (team_id, user_id, role) values (${team}, ${owner}, 'owner')`
  const calendar = await insertCalendar(sql, team, { rules: { time_zone: 'Europe/Berlin', hours: officeHours, holidays: [] } })
  const policies = await addPolicies(sql, team, calendar)
  await addTickets(sql, team)
  await addClocks(sql, team, policies, calendar)
  await sql.unsafe('vacuum analyze')

  const [
    { closePool, configureDatabase },
    { asUser, asService },
    { startSimulation, getSimulation },
    simulate,
    { getSlaReport },
    { pageTickets }
  ] = await Promise.all([
    loadModule('server/db/pool'),
    loadModule('server/db/identity'),
    loadModule('server/domain/sla/simulation'),
    loadModule('server/domain/sla/simulate'),
    loadModule('server/domain/sla/report'),
    loadModule('server/domain/ticket/list')
  ])
  configureDatabase(postgresUrl, 2)
  const as = <T>(work: (db: Db) => Promise<T>) => asUser({ sub: owner }, work, { teamId: team })

  const policy = {
    id: policies[1]!,
    name: 'Standard',
    position: null,
    is_active: true,
    conditions: [],
    target_by: 'priority' as const,
    calendar_id: calendar,
    targets: { first_response: levels(3600), next_response: levels(7200), resolution: levels(24 * 3600) },
    pauses: { next_response: ['waiting' as const], resolution: ['waiting' as const] },
    warn_percent: 80,
    reopen_percent: 25,
    escalations: []
  }
  const { id } = await as(db => startSimulation(db, team, { policy, calendar: null }))
  const loop = monitorEventLoopDelay({ resolution: 5 })
  loop.enable()
  const [started, cpuBefore] = [performance.now(), process.cpuUsage()]
  const context = (await asService('bench', db => simulate.prepareSimulation(db, id)))!
  const steps: number[] = []
  for (let goesOn = true; goesOn;) {
    const begun = performance.now()
    goesOn = await asService('bench', db => simulate.continueSimulation(db, id, context))
    steps.push(performance.now() - begun)
  }
  const seconds = (performance.now() - started) / 1000
  const cpu = process.cpuUsage(cpuBefore)
  loop.disable()
  const { status, processed, differing } = await as(db => getSimulation(db, team, id))
  say(
    `simulator: ${processed} tickets, ${differing} clocks differ, ${status}: ${seconds.toFixed(1)} s (${((cpu.user + cpu.system) / 1e6).toFixed(1)} s of CPU beside the database) in ${steps.length} steps`
  )
  say(
    `  step: p50 ${at(steps, 0.5)} ms, longest ${at(steps, 1)} ms; event loop: p99 ${(loop.percentile(99) / 1e6).toFixed(0)} ms, longest ${(loop.max / 1e6).toFixed(0)} ms`
  )

  const measure = async (name: string, work: () => Promise<unknown>) => {
    const times: number[] = []
    for (let round = 0; round < rounds; round++) {
      const begun = performance.now()
      await work()
      times.push(performance.now() - begun)
    }
    say(`${name}: p50 ${at(times, 0.5)} ms, p95 ${at(times, 0.95)} ms`)
  }
  for (const window of [30, 90] as const) await measure(`report of ${window} days`, () => as(db => getSlaReport(db, team, { window })))
  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)
  const list = { sort: 'severity' as const, order: 'asc' as const, page: 1, page_size: 25 }
  for (const q of ['sla:missed', 'sla:met,missed', 'sla:missed metric:resolution policy:Standard'])
    await measure(`list of ${q}, 90 days`, () =>
      as(db => pageTickets(db, { teamId: team, userId: owner }, { ...list, q: `${q} ended:${day(90)}..${day(0)}` }))
    )
  await closePool()
  await sql.end()
})

function at(times: number[], share: number): string {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!.toFixed(0)
}

async function addPolicies(sql: Sql, team_id: string, calendar_id: string): Promise<string[]> {
  const rows = [
    { name: 'Urgent', position: 0, conditions: [{ key: 'priority', values: ['urgent'], not: false }], first: 1800 },
    { name: 'Standard', position: 1, conditions: [], first: 7200 }
  ]
  const ids: string[] = []
  for (const { name, position, conditions, first } of rows) {
    const targets = { first_response: levels(first), next_response: levels(2 * first), resolution: levels(12 * first) }
    const [row] = await sql<[{ id: string }]>`
      insert into public.sla_policies ${sql({ team_id, name, position, calendar_id, conditions: sql.json(conditions), targets: sql.json(targets) })} returning id`
    ids.push(row.id)
  }
  return ids
}

/** Each ticket has an answer, a question, a further answer, a pause and a resolution; some were reopened or got another priority. */
async function addTickets(sql: Sql, team: string): Promise<void> {
  await sql.begin(async sql => {
    // Without triggers: they would write all of it as of now.
    for (const table of ['tickets', 'ticket_events']) await sql.unsafe(`alter table public.${table} disable trigger user`)
    const [{ portal }] = await sql<[{ portal: string }]>`select private.channel_profile(${team}, 'portal') as portal`
    await sql`
      insert into public.tickets (team_id, ticket_number, subject, description, created_by, created_at, priority, category, assigned_to, status, resolved_at, search)
      select ${team}, n, 'Ticket ' || n, 'What happened', ${owner}, now() - interval '89 days' * (1 - n::float8 / ${tickets}),
        (array['low', 'normal', 'normal', 'high', 'urgent'])[1 + n % 5], (array['bug', 'billing', 'other'])[1 + n % 3], ${owner}, 'resolved',
        now() - interval '89 days' * (1 - n::float8 / ${tickets}) + interval '5 hours' + interval '20 minutes' * (n % 200), ''
      from generate_series(1, ${tickets}::int) as n`
    const step = 20_000
    for (let from = 1; from <= tickets; from += step)
      await sql`
        insert into public.ticket_events (team_id, ticket_id, ticket_number, type, actor_id, channel, "from", "to", created_at)
        select ticket.team_id, ticket.id, ticket.ticket_number, event.type, event.actor, 'ui', event.before, event.after,
          ticket.created_at + event.minutes * interval '1 minute'
        from public.tickets as ticket
        cross join lateral (values
          (1, 'ticket.created', ${owner}::uuid, null::jsonb, '{}'::jsonb, 0, 1),
          (2, 'reply.created', ${owner}, null, jsonb_build_object('id', gen_random_uuid(), 'is_internal', false), ticket.ticket_number % 240, 1),
          (3, 'ticket.status_changed', ${owner}, '"open"', '"waiting"', ticket.ticket_number % 240 + 1, 1),
          (4, 'reply.created', ${portal}, null, jsonb_build_object('id', gen_random_uuid(), 'is_internal', false), ticket.ticket_number % 240 + 90, 1),
          (5, 'ticket.status_changed', ${portal}, '"waiting"', '"open"', ticket.ticket_number % 240 + 90, 1),
          (6, 'ticket.priority_changed', ${owner}, '"low"', to_jsonb(ticket.priority), ticket.ticket_number % 240 + 100, 10),
          (7, 'reply.created', ${owner}, null, jsonb_build_object('id', gen_random_uuid(), 'is_internal', false), ticket.ticket_number % 240 + 200, 1),
          (8, 'ticket.status_changed', ${owner}, '"open"', '"resolved"', ticket.ticket_number % 4000 + 300, 1),
          (9, 'ticket.status_changed', ${owner}, '"resolved"', '"open"', ticket.ticket_number % 4000 + 1300, 20),
          (10, 'ticket.status_changed', ${owner}, '"open"', '"resolved"', ticket.ticket_number % 4000 + 1500, 20)
        ) as event (place, type, actor, before, after, minutes, share)
        where ticket.team_id = ${team} and ticket.ticket_number between ${from} and ${from + step - 1} and ticket.ticket_number % event.share = 0
        order by ticket.ticket_number, event.place`
    for (const table of ['tickets', 'ticket_events']) await sql.unsafe(`alter table public.${table} enable trigger user`)
  })
}

/** Three ended clocks for each ticket. */
async function addClocks(sql: Sql, team: string, policies: string[], calendar: string): Promise<void> {
  await sql.begin(async sql => {
    await sql`
      insert into public.sla_clocks (team_id, ticket_id, metric, policy_id, policy, calendar_id, target_seconds, remaining_seconds, state, started_at,
        due_at, breached_at, ended_at, agent_id)
      select ticket.team_id, ticket.id, metric, policy.id, private.policy_snapshot(policy, ticket), ${calendar}, 3600, 0,
        case when ticket.ticket_number % 7 = 0 then 'missed' else 'achieved' end, ticket.created_at, ticket.created_at,
        case when ticket.ticket_number % 7 = 0 then ticket.created_at end, ticket.created_at + interval '5 hours', ${owner}
      from public.tickets as ticket
      join public.sla_policies as policy on policy.id = (${policies}::uuid[])[1 + ticket.ticket_number % 2]
      cross join unnest(array['first_response', 'next_response', 'resolution']) as metric
      where ticket.team_id = ${team}`
  })
}
