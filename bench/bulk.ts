// Measures bulk changes on a throw-away database: node bench/bulk.ts [tickets of the job, 10000].
// Milliseconds of a change of 200 tickets and of its undo, the median; seconds of a job and of its undo.
import { createJiti } from 'jiti'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { withScratchDatabase } from '../supabase/embedded/scratch.ts'

type Answer = { operation_id: string, status: string, updated: number }
interface Server {
  open: (url: string, max: number) => { kysely: unknown, close: () => Promise<void> }
  asUser: <T>(claims: { sub: string }, work: (db: unknown) => Promise<T>, on: unknown) => Promise<T>
  changeTickets: (db: unknown, teamId: string, userId: string, request: object) => Promise<Answer>
  undoOperation: (db: unknown, teamId: string, id: string) => Promise<{ restored: number }>
  continueBulkOperations: (stopping: AbortSignal, on: unknown) => Promise<void>
}

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const many = Number(process.argv[2] ?? 10_000)
const rounds = 9
const say = (line: string) => process.stdout.write(`${line}\n`)
const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

await withScratchDatabase(async ({ postgresUrl }) => {
  const sql = postgres(postgresUrl, { max: 1, onnotice: () => {} })
  const owner = '11111111-0000-4000-8000-000000000001'
  await sql`insert into auth.users (id, email, raw_user_meta_data) values (${owner}, 'owner@bench.test', ${sql.json({ full_name: 'Owner' })})`
  const [{ id: team }] = await sql<[{ id: string }]>`insert into public.teams (name, slug) values ('Bench', 'bench') returning id`
  await sql`insert into public.team_members (team_id, user_id, role) values (${team}, ${owner}, 'owner')`
  await sql`insert into public.tickets (team_id, subject, description, created_by) select ${team}, 'Ticket ' || n, repeat('What happened. ', 20), ${owner} from generate_series(1, ${many}) as n`
  await sql`analyze public.tickets`
  const few = (await sql<{ id: string }[]>`select id from public.tickets order by ticket_number limit 200`).map(({ id }) => id)

  const jiti = createJiti(import.meta.url, { alias: { '#shared': at('shared'), '#server': at('server') } })
  const server = Object.assign({}, ...await Promise.all(['server/db/pool', 'server/db/identity', 'server/domain/ticket/bulk', 'server/jobs/bulk-operations'].map(path => jiti.import<object>(at(`${path}.ts`))))) as Server
  const pool = server.open(postgresUrl, 2)
  const as = <T>(work: (db: unknown) => Promise<T>) => server.asUser({ sub: owner }, work, pool.kysely)
  const timed = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
    const started = performance.now()
    return [await work(), performance.now() - started]
  }

  for (const [action, value] of [['set_severity', 1], ['close', null], ['set_category', { category: 'billing', type_id: null, item_id: null }], ['add_tag', 'bench'], ['reassign', owner]] as const) {
    const times: { change: number[], undo: number[] } = { change: [], undo: [] }
    for (let round = 0; round < rounds; round++) {
      const [{ operation_id, updated }, change] = await timed(() => as(db => server.changeTickets(db, team, owner, { ids: few, action, value })))
      const [{ restored }, undo] = await timed(() => as(db => server.undoOperation(db, team, operation_id)))
      if (updated !== 200 || restored !== 200) throw new Error(`${updated} changed, ${restored} restored`)
      times.change.push(change)
      times.undo.push(undo)
    }
    say(`200 tickets, ${action}: ${median(times.change).toFixed(0)} ms, undone in ${median(times.undo).toFixed(0)} ms`)
  }

  const work = () => server.continueBulkOperations(new AbortController().signal, pool.kysely)
  const [{ operation_id }, asked] = await timed(() => as(db => server.changeTickets(db, team, owner, { filter: {}, action: 'close', value: null })))
  const [, done] = await timed(work)
  await as(db => server.undoOperation(db, team, operation_id))
  const [, undone] = await timed(work)
  const [operation] = await sql<[{ status: string, updated: number, restored: number }]>`select status, updated, restored from public.bulk_operations where id = ${operation_id}`
  if (operation.status !== 'undone' || operation.updated !== many || operation.restored !== many) throw new Error(JSON.stringify(operation))
  say(`${many} tickets, close: answered in ${asked.toFixed(0)} ms, done in ${(done / 1000).toFixed(1)} s (${Math.round(many / done * 1000)} each second), undone in ${(undone / 1000).toFixed(1)} s`)
  await pool.close()
  await sql.end()
})
