// Measures bulk operations on a throw-away database: node bench/bulk.ts [tickets of the job, 10000].
// Prints the median milliseconds of a change of 200 tickets and of its undo, and the seconds of a job and of its undo.
import postgres from 'postgres'
import type { Db } from '#server/db/types'
import type { BulkChange } from '#shared/schemas/bulk'
import { loadModule } from '../scripts/server-modules.ts'
import { withScratchDatabase } from '../supabase/embedded/scratch.ts'

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

  const [{ closePool, configureDatabase }, { asUser }, { changeTickets, undoOperation }, { continueBulkOperations }] = await Promise.all([
    loadModule('server/db/pool'),
    loadModule('server/db/identity'),
    loadModule('server/domain/ticket/bulk'),
    loadModule('server/jobs/bulk-operations')
  ])
  configureDatabase(postgresUrl, 2)
  const as = <T>(work: (db: Db) => Promise<T>) => asUser({ sub: owner }, work)
  const measure = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
    const started = performance.now()
    return [await work(), performance.now() - started]
  }

  const changes: BulkChange[] = [
    { action: 'set_severity', value: 1 },
    { action: 'close', value: null },
    { action: 'set_category', value: { category: 'billing', type_id: null, item_id: null } },
    { action: 'add_tag', value: 'bench' },
    { action: 'reassign', value: owner }
  ]
  for (const change of changes) {
    const times = { change: [] as number[], undo: [] as number[] }
    for (let round = 0; round < rounds; round++) {
      const [{ operation_id, updated }, changed] = await measure(() =>
        as(db => changeTickets(db, { teamId: team, userId: owner }, { ids: few, ...change }))
      )
      const [{ restored }, undone] = await measure(() => as(db => undoOperation(db, team, operation_id)))
      if (updated !== 200 || restored !== 200) throw new Error(`${updated} changed, ${restored} restored`)
      times.change.push(changed)
      times.undo.push(undone)
    }
    say(`200 tickets, ${change.action}: ${median(times.change).toFixed(0)} ms, undone in ${median(times.undo).toFixed(0)} ms`)
  }

  const work = () => continueBulkOperations(new AbortController().signal)
  const [{ operation_id }, answeredMs] = await measure(() =>
    as(db => changeTickets(db, { teamId: team, userId: owner }, { filter: {}, action: 'close', value: null }))
  )
  const [, done] = await measure(work)
  await as(db => undoOperation(db, team, operation_id))
  const [, undone] = await measure(work)
  const [operation] = await sql<
    [{ status: string; updated: number; restored: number }]
  >`select status, updated, restored from public.bulk_operations where id = ${operation_id}`
  if (operation.status !== 'undone' || operation.updated !== many || operation.restored !== many) throw new Error(JSON.stringify(operation))
  say(
    `${many} tickets, close: answered in ${answeredMs.toFixed(0)} ms, done in ${(done / 1000).toFixed(1)} s (${Math.round((many / done) * 1000)} each second), undone in ${(undone / 1000).toFixed(1)} s`
  )
  await closePool()
  await sql.end()
})
