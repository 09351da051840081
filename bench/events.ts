// Measures the cost of writing events and the speed of closing resolved tickets, on a throw-away database:
// node bench/events.ts [tickets, 10000]. Prints the median milliseconds of a change.
import postgres from 'postgres'
import { loadModule } from '../scripts/server-modules.ts'
import { withScratchDatabase } from '../supabase/embedded/scratch.ts'

const due = Number(process.argv[2] ?? 10_000)
const updates = 2_000
const say = (line: string) => process.stdout.write(`${line}\n`)

await withScratchDatabase(async ({ postgresUrl }) => {
  const sql = postgres(postgresUrl, { max: 1, onnotice: () => {} })
  const owner = '11111111-0000-4000-8000-000000000001'
  await sql`insert into auth.users (id, email, raw_user_meta_data) values (${owner}, 'owner@bench.test', ${sql.json({ full_name: 'Owner' })})`
  const [{ id: team }] = await sql<[{ id: string }]>`insert into public.teams (name, slug) values ('Bench', 'bench') returning id`
  await sql`insert into public.team_members (team_id, user_id, role) values (${team}, ${owner}, 'owner')`
  await sql`insert into public.tickets (team_id, subject, description, created_by) select ${team}, 'Ticket ' || n, 'What happened', ${owner} from generate_series(1, ${updates}) as n`
  const tickets = await sql<{ id: string }[]>`select id from public.tickets`

  // One transaction per change with the caller's role and claims, as on the server.
  async function change(id: string): Promise<number> {
    const started = performance.now()
    await sql.begin(async sql => {
      await sql`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${JSON.stringify({ sub: owner, role: 'authenticated' })}, true), set_config('switchboard.channel', 'ui', true)`
      await sql`update public.tickets set priority = case priority when 'high' then 'low' else 'high' end where id = ${id} and team_id = ${team}`
    })
    return performance.now() - started
  }

  // Alternates every 50 changes, so that other load affects both alike.
  const times = { disable: [] as number[], enable: [] as number[] }
  for (let turn = 0; turn < (2 * updates) / 50; turn++) {
    const state = turn % 2 ? 'enable' : 'disable'
    await sql.unsafe(`alter table public.tickets ${state} trigger _600_record_changes`)
    await change(tickets[0]!.id) // warm-up: the trigger change invalidates the plans
    for (let n = 0; n < 50; n++) times[state].push(await change(tickets[(turn >> 1) * 50 + n]!.id))
  }
  const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!
  const [withoutEvents, withEvents] = [median(times.disable), median(times.enable)]
  say(
    `${updates} changes of a ticket, one transaction each: ${withoutEvents.toFixed(2)} ms without events, ${withEvents.toFixed(2)} ms with (+${(withEvents - withoutEvents).toFixed(2)} ms)`
  )
  const [{ bytes }] = await sql<
    [{ bytes: number }]
  >`select (pg_total_relation_size('public.ticket_events') / count(*))::float8 as bytes from public.ticket_events`
  say(`${bytes.toFixed(0)} bytes for each event, indexes included`)

  await sql`insert into public.tickets (team_id, subject, description, status, resolved_at, created_by) select ${team}, 'Ticket ' || n, 'What happened', 'resolved', now() - interval '20 days', ${owner} from generate_series(1, ${due}) as n`
  const [{ closePool, configureDatabase }, { closeResolvedTickets }] = await Promise.all([
    loadModule('server/db/pool'),
    loadModule('server/jobs/close-resolved-tickets')
  ])
  configureDatabase(postgresUrl, 2)
  const started = performance.now()
  const closed = await closeResolvedTickets(new AbortController().signal)
  const seconds = (performance.now() - started) / 1000
  say(`${closed} due tickets closed in ${seconds.toFixed(1)} s (${Math.round(closed / seconds)} each second)`)
  await closePool()
  await sql.end()
})
