// What looking a session up costs a request: a page of tickets by asUser, with a session in the claims and without one, in
// turns on one connection: node bench/sessions.ts [rounds, 2000].
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'
import postgres from 'postgres'
import { withScratchDatabase } from '../supabase/embedded/scratch.ts'

interface Pool { kysely: { readonly pool: unique symbol }, close: () => Promise<void> }
interface Db { readonly transaction: unique symbol }

interface Server {
  open: (url: string, max?: number) => Pool
  asUser: <T>(claims: { sub: string, session_id?: string }, work: (db: Db) => Promise<T>, on: Pool['kysely']) => Promise<T>
  pageTickets: (db: Db, teamId: string, userId: string, query: object) => Promise<unknown>
  ticketQuery: { parse: (query: object) => object }
}

const rounds = Number(process.argv[2] ?? 2_000)
const [owner, session] = [randomUUID(), randomUUID()]

async function loadServer(): Promise<Server> {
  const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
  const jiti = createJiti(import.meta.url, { alias: { '#shared': at('shared'), '#server': at('server') } })
  const modules = ['server/db/pool', 'server/db/identity', 'server/domain/ticket/list', 'shared/schemas/ticket']
  return Object.assign({}, ...await Promise.all(modules.map(path => jiti.import<object>(at(`${path}.ts`))))) as Server
}

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
  const server = await loadServer()
  const pool = server.open(postgresUrl, 1)
  const query = server.ticketQuery.parse({ page: '1' })
  const times: Record<'without' | 'with', number[]> = { without: [], with: [] }
  for (let round = -50; round < rounds; round++) {
    for (const kind of ['without', 'with'] as const) {
      const start = performance.now()
      await server.asUser({ sub: owner, ...kind === 'with' && { session_id: session } }, db => server.pageTickets(db, team, owner, query), pool.kysely)
      if (round >= 0) times[kind].push(performance.now() - start)
    }
  }
  await pool.close()
  for (const [kind, values] of Object.entries(times)) {
    values.sort((a, b) => a - b)
    console.log(`${kind.padEnd(8)} a session: p50 ${values[Math.floor(values.length / 2)]!.toFixed(3)} ms, p95 ${values[Math.floor(values.length * 0.95)]!.toFixed(3)} ms`)
  }
})
