// Measures the cost of the session look-up per request: a page of tickets by asUser, alternately with and without a session in
// the claims, on one connection: node bench/sessions.ts [rounds, 2000].
import { randomUUID } from 'node:crypto'
import postgres from 'postgres'
import { loadModule } from '../scripts/server-modules.ts'
import { withScratchDatabase } from '../supabase/embedded/scratch.ts'

const rounds = Number(process.argv[2] ?? 2_000)
const { closePool, configureDatabase } = await loadModule('server/db/pool')
const { asUser } = await loadModule('server/db/identity')
const { pageTickets } = await loadModule('server/domain/ticket/list')
const { ticketQuery } = await loadModule('shared/schemas/ticket')
const [owner, session] = [randomUUID(), randomUUID()]

await withScratchDatabase(async ({ postgresUrl }) => {
  const sql = postgres(postgresUrl, { max: 1, onnotice: () => {} })
  await sql`insert into auth.users (id, email, raw_user_meta_data) values (${owner}, 'owner@bench.test', ${sql.json({ full_name: 'Owner' })})`
  await sql`insert into auth.sessions (id, user_id) values (${session}, ${owner})`
  await sql`insert into auth.sessions (id, user_id) select gen_random_uuid(), ${owner} from generate_series(1, 2000)`
  const [{ id: team }] = await sql<[{ id: string }]>`insert into public.teams (name, slug) values ('Bench', 'bench') returning id`
  await sql`insert into public.team_members (team_id, user_id, role) values (${team}, ${owner}, 'owner')`
  await sql`insert into public.tickets (team_id, subject, description, created_by) select ${team}, 'Ticket ' || n, 'What happened', ${owner} from generate_series(1, 1000) as n`
  await sql`analyze`
  await sql.end()
  configureDatabase(postgresUrl, 1)
  const query = { ...ticketQuery.parse({ page: '1' }), page: 1 }
  const times: Record<'without' | 'with', number[]> = { without: [], with: [] }
  for (let round = -50; round < rounds; round++) {
    for (const kind of ['without', 'with'] as const) {
      const start = performance.now()
      await asUser({ sub: owner, ...(kind === 'with' && { session_id: session }) }, db =>
        pageTickets(db, { teamId: team, userId: owner }, query)
      )
      if (round >= 0) times[kind].push(performance.now() - start)
    }
  }
  await closePool()
  for (const [kind, values] of Object.entries(times)) {
    values.sort((a, b) => a - b)
    console.log(
      `${kind.padEnd(8)} a session: p50 ${values[Math.floor(values.length / 2)]!.toFixed(3)} ms, p95 ${values[Math.floor(values.length * 0.95)]!.toFixed(3)} ms`
    )
  }
})
