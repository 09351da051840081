// Measures what SLA clocks cost and whether warnings come once, on a throw-away database: node bench/sla.ts [replies, 1500].
// Prints the median CPU milliseconds of Postgres for a reply with and without a policy (Linux counts them by process, so that other load
// does not change them), and what 20 killed markers leave behind: warnings and escalations.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { withScratchDatabase } from '../supabase/embedded/scratch.ts'
import { insertCalendar } from '../tests/support/calendars.ts'
import { percentile } from '../tests/support/percentile.ts'

const replies = Number(process.argv[2] ?? 1_500)
const say = (line: string) => process.stdout.write(`${line}\n`)

// A marker, as a process of its own: marks due clocks, a few at a time, until it is killed.
if (process.argv[2] === '--mark') {
  const sql = postgres(process.argv[3]!, { max: 1, onnotice: () => {} })
  for (;;) if ((await sql<[{ marked: number }]>`select private.mark_due_clocks(3) as marked`)[0].marked === 0) await sleep(5)
}

await withScratchDatabase(async ({ postgresUrl }) => {
  const sql = postgres(postgresUrl, { max: 1, onnotice: () => {} })
  const owner = '11111111-0000-4000-8000-000000000001'
  await sql`insert into auth.users (id, email, raw_user_meta_data) values (${owner}, 'owner@bench.test', ${sql.json({ full_name: 'Owner' })})`
  const hours = [1, 2, 3, 4, 5, 6, 7].map(weekday => ({ weekday, opens: '06:00', closes: '22:00' }))
  const addTeam = async (slug: string, hasPolicy: boolean) => {
    const [{ id }] = await sql<[{ id: string }]>`insert into public.teams (name, slug) values (${slug}, ${slug}) returning id`
    await sql`insert into public.team_members (team_id, user_id, role) values (${id}, ${owner}, 'owner')`
    if (hasPolicy) await addPolicy(id)
    const tickets = await sql<{ id: string }[]>`
      insert into public.tickets (team_id, subject, description, created_by)
      select ${id}, 'Ticket ' || n, 'What happened', ${owner} from generate_series(1, ${replies}) as n returning id`
    return { id, tickets: tickets.map(ticket => ticket.id) }
  }
  const addPolicy = async (team_id: string) => {
    const calendar_id = await insertCalendar(sql, team_id, { rules: { time_zone: 'Europe/Berlin', hours, holidays: [] } })
    const levels = { low: 3600, normal: 3600, high: 3600, urgent: 3600 }
    const targets = { first_response: levels, next_response: levels, resolution: { ...levels, normal: 36_000 } }
    await sql`insert into public.sla_policies ${sql({ team_id, name: 'Standard', calendar_id, targets: sql.json(targets), escalations: sql.json(escalations) })}`
  }

  const escalations = [
    { metric: null, when: 'warning', action: 'raise_severity' },
    { metric: null, when: 'warning', action: 'add_tag', tag: 'late' }
  ]
  const [without, withPolicy] = [await addTeam('without', false), await addTeam('with', true)]

  const [{ pid }] = await sql<[{ pid: number }]>`select pg_backend_pid() as pid`
  /** CPU milliseconds of the server process of this connection. */
  const busyMs = () => Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6
  // One transaction per reply with the caller's role and claims, as on the server.
  async function reply(team: { id: string; tickets: string[] }, index: number): Promise<number> {
    const started = busyMs()
    await sql.begin(async sql => {
      await sql`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${JSON.stringify({ sub: owner, role: 'authenticated' })}, true), set_config('switchboard.channel', 'ui', true)`
      await sql`insert into public.ticket_replies (team_id, ticket_id, user_id, content) values (${team.id}, ${team.tickets[index]!}, ${owner}, 'An answer')`
    })
    return busyMs() - started
  }
  const half = Math.floor(replies / 2)
  /** In turns, so that caches and vacuum affect both alike. */
  async function compare(what: string, from: number, to: number): Promise<number> {
    const times = { without: [] as number[], with: [] as number[] }
    for (let n = from; n < to; n++) {
      times.without.push(await reply(without, n))
      times.with.push(await reply(withPolicy, n))
    }
    const [plain, counted] = [percentile(times.without, 0.5), percentile(times.with, 0.5)]
    say(
      `${what}: ${plain.toFixed(2)} ms without a policy, ${counted.toFixed(2)} ms with (+${(counted - plain).toFixed(2)} ms, ${((counted / plain - 1) * 100).toFixed(0)} %; ${to - from} each)`
    )
    return counted - plain
  }
  const ending = await compare('the first answer, which ends a clock', 0, half)
  await sql`alter table public.sla_clocks disable trigger sla_clocks__record_success`
  const clocks = await compare('the same without its event ticket.sla_met', half, replies)
  await sql`alter table public.sla_clocks enable trigger sla_clocks__record_success`
  say(`so clocks cost ${clocks.toFixed(2)} ms and the event ${(ending - clocks).toFixed(2)} ms`)
  await compare('a further answer, which changes no clock', 0, replies)

  // Clocks that are all due now, marked by four processes that are killed 20 times.
  await sql`update public.sla_clocks set warn_at = now() - interval '1 minute', due_at = now() + interval '1 hour' where state = 'pending'`
  // The calendar is open now, so that no warning waits.
  await sql`update public.sla_clocks set calendar_id = null where state = 'pending'`
  const [{ due }] = await sql<[{ due: number }]>`select count(*)::integer as due from public.sla_clocks where state = 'pending'`
  const start = () => spawn(process.execPath, [import.meta.filename, '--mark', postgresUrl], { stdio: 'ignore' })
  const markers = [start(), start(), start(), start()]
  const begun = performance.now()
  let kills = 0
  for (;;) {
    await sleep(150)
    const [{ left }] = await sql<[{ left: number }]>`select count(*)::integer as left from public.sla_clocks where state = 'pending'`
    if (left === 0 && kills >= 20) break
    if (kills >= 20) continue
    const place = kills++ % markers.length
    markers[place]!.kill('SIGKILL')
    markers[place] = start()
  }
  const seconds = (performance.now() - begun) / 1000
  for (const marker of markers) marker.kill('SIGKILL')
  const [{ events, warned }] = await sql<[{ events: number; warned: number }]>`
    select count(*)::integer as events, count(distinct ticket_id)::integer as warned from public.ticket_events where type = 'ticket.sla_warning'`
  say(`${due} due clocks, 4 markers, ${kills} × kill -9: ${events} warnings of ${warned} clocks in ${seconds.toFixed(1)} s`)
  const escalated = await sql<{ type: string; events: number; tickets: number }[]>`
    select type, count(*)::integer as events, count(distinct ticket_id)::integer as tickets from public.ticket_events
    where cause is not null group by type order by type`
  for (const { type, events, tickets } of escalated) say(`escalations: ${events} × ${type} of ${tickets} tickets`)
  const isOnceEach = escalated.length === 2 && escalated.every(({ events, tickets }) => events === due && tickets === due)
  if (events !== due || warned !== due || !isOnceEach) process.exitCode = 1
  await sql.end()
})
