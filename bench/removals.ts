// Measures deletions that affect all tickets of a team: the request, and the cleanup job after it. Removes a member, deletes an
// item and a category, and deletes the team: node bench/removals.ts [tickets, 50000]. Exits with 1 when a request takes more
// than 8 s, the statement timeout of people.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres, { type Sql } from 'postgres'
import type { Db } from '#server/db/types'
import { loadModule } from '../scripts/server-modules.ts'
import { applyMigrations } from '../supabase/embedded/migrate.ts'
import { freePort, startPostgres } from '../supabase/embedded/postgres.ts'

const tickets = Number(process.argv[2] ?? 50_000)
const [owner, agent, team, type, item] = Array.from({ length: 5 }, () => randomUUID()) as [string, string, string, string, string]
const milliseconds = (value: number) => Math.round(value).toLocaleString('en')

const dataDir = await mkdtemp(join(tmpdir(), 'switchboard-removals-'))
const database = await startPostgres({ dataDir, port: await freePort() })
try {
  await applyMigrations({ databaseUrl: database.postgresUrl })
  const admin = postgres(database.adminUrl, { max: 1, onnotice: () => {} })
  await generate(admin)
  const [{ closePool, configureDatabase }, { asUser }, { removeMember }, { deleteEntry }, { deleteTeam }, { continueCleanups }] =
    await Promise.all([
      loadModule('server/db/pool'),
      loadModule('server/db/identity'),
      loadModule('server/domain/member'),
      loadModule('server/domain/category/delete'),
      loadModule('server/domain/team'),
      loadModule('server/jobs/cleanups')
    ])
  configureDatabase(database.postgresUrl, 2)
  const [{ id: category }] = await admin<[{ id: string }]>`select id from public.ticket_categories where team_id = ${team} and key = 'bug'`
  const removals: [name: string, remove: (db: Db) => Promise<unknown>][] = [
    ['remove a member', db => removeMember(db, team, agent)],
    ['delete an item', db => deleteEntry(db, team, 'item', item)],
    ['delete a category', db => deleteEntry(db, team, 'category', category)],
    ['delete the team', db => deleteTeam(db, team)]
  ]
  const rows: string[] = []
  for (const [name, remove] of removals) {
    const started = performance.now()
    await asUser({ sub: owner }, remove)
    const answered = performance.now()
    await continueCleanups(new AbortController().signal)
    const done = performance.now()
    if (answered - started > 8_000) process.exitCode = 1
    rows.push(
      `| ${name} | ${milliseconds(answered - started)} | ${milliseconds(done - answered)} | ${((done - answered) / tickets).toFixed(2)} |`
    )
  }
  const [left] = await admin<
    [{ teams: number; events: number }]
  >`select (select count(*)::int from public.teams where id = ${team}) as teams, (select count(*)::int from public.ticket_events where team_id = ${team}) as events`
  if (left.teams + left.events > 0) throw new Error(`The team is still there: ${JSON.stringify(left)}`)
  await closePool()
  await admin.end()
  process.stdout.write(
    `${tickets.toLocaleString('en')} tickets of one agent, in one item, each with two replies, a tag and three events.\n\n| removal | request, ms | cleanup job, ms | of it per ticket |\n|---|---:|---:|---:|\n${rows.join('\n')}\n`
  )
} finally {
  await database.stop()
  await rm(dataDir, { recursive: true, force: true })
}

// Without triggers and foreign keys, to load the rows fast. bench/events.ts measures the triggers.
async function generate(sql: Sql): Promise<void> {
  await sql`insert into auth.users ${sql([
    { id: owner, email: 'owner@bench.test' },
    { id: agent, email: 'agent@bench.test' }
  ])}`
  await sql`insert into public.teams ${sql({ id: team, name: 'Bench', slug: 'bench' })}`
  await sql`insert into public.team_members ${sql([
    { team_id: team, user_id: owner, role: 'owner' },
    { team_id: team, user_id: agent, role: 'member' }
  ])}`
  await sql`insert into public.ticket_types ${sql({ id: type, team_id: team, category: 'bug', name: 'Network' })}`
  await sql`insert into public.ticket_items ${sql({ id: item, team_id: team, type_id: type, name: 'VPN' })}`
  await sql.begin(async sql => {
    await sql`set local session_replication_role = replica`
    await sql`
      insert into public.tickets (team_id, ticket_number, subject, description, category, type_id, item_id, assigned_to, created_by, search)
      select ${team}, n, 'Ticket ' || n, repeat('some words ', 40), 'bug', ${type}, ${item}, ${agent}, ${owner}, to_tsvector('simple', 'ticket some words ' || n) from generate_series(1, ${tickets}) as n`
    await sql`insert into public.ticket_replies (team_id, ticket_id, user_id, content) select team_id, id, created_by, 'A reply with words' from public.tickets, generate_series(1, 2)`
    await sql`insert into public.ticket_tags (team_id, ticket_id, tag) select team_id, id, 'network' from public.tickets`
    await sql`insert into public.ticket_events (team_id, ticket_id, ticket_number, type, channel) select team_id, id, ticket_number, kind, 'ui' from public.tickets, unnest(array['ticket.created', 'reply.created', 'reply.created']) as kind`
  })
  for (const table of ['tickets', 'ticket_replies', 'ticket_tags', 'ticket_events']) await sql`analyze ${sql(`public.${table}`)}`
}
