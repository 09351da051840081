// Times every kind of list, count and search on generated tickets, as a member under row-level security, and prints the
// indexes that their plans use: node bench/search-plans.ts [tickets, 100000]. Exits with 1 when a search uses none.
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres, { type Sql } from 'postgres'
import type { Db } from '#server/db/types'
import { loadModule } from '../scripts/server-modules.ts'
import { applyMigrations } from '../supabase/embedded/migrate.ts'
import { freePort, startPostgres } from '../supabase/embedded/postgres.ts'

type Query = Record<string, string | string[]>
type Server = Awaited<ReturnType<typeof loadServer>>

interface Case {
  name: string
  run: (db: Db) => Promise<number>
  usesIndex?: RegExp
}

const tickets = Number(process.argv[2] ?? 100_000)
const runs = 7

let seed = 1
const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
/** A random number below n, with the skewed frequencies of words. */
const skewed = (n: number) => Math.min(n - 1, Math.floor(Math.exp(random() * Math.log(n)) - 1))
const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!

const syllables = 'ka lo mi ren tu vas pe dor shi nal gri zo be fum tes qua rin hol sed wim'.split(' ')
const words = Array.from({ length: 8_000 }, (_, index) => {
  let word = ''
  for (let rest = index + 20; rest > 0; rest = Math.floor(rest / 20)) word += syllables[rest % 20]
  return word
})
const latin = (length: number) => Array.from({ length }, () => words[skewed(8_000)]).join(' ')
const han = (length: number) => Array.from({ length }, () => String.fromCodePoint(0x4e00 + skewed(3_000) * 5)).join('')
const text = (length: number) => (random() < 0.1 ? han(length * 2) : latin(length))

const dataDir = await mkdtemp(join(tmpdir(), 'switchboard-plans-'))
const database = await startPostgres({ dataDir, port: await freePort() })
try {
  await applyMigrations({ databaseUrl: database.postgresUrl })
  const admin = postgres(database.adminUrl, { max: 1, onnotice: () => {} })
  const people = Array.from({ length: 20 }, () => randomUUID())
  const teams = await generate(
    admin,
    people,
    [0.6, 0.3, 0.1].map(share => Math.round(tickets * share))
  )
  const server = await loadServer()
  server.configureDatabase(database.postgresUrl, 1)
  const caller = { sub: people[3]!, email: 'person3@bench.test' }
  const cases = casesFor(server, teams[0]!, caller.sub)
  const timings: { name: string; rows: number; median: number; worst: number; usesIndex?: RegExp }[] = []
  for (const { name, run, usesIndex } of cases) {
    const times: number[] = []
    let rows = 0
    for (let attempt = 0; attempt <= runs; attempt++) {
      const started = performance.now()
      rows = await server.asUser(caller, run)
      if (attempt > 0) times.push(performance.now() - started) // the first one warms the cache
    }
    times.sort((a, b) => a - b)
    timings.push({ name, rows, median: times[runs >> 1]!, worst: times.at(-1)!, usesIndex })
  }
  await server.closePool()

  // Run all cases again with every plan in the log of Postgres, including those inside of functions.
  for (const setting of [
    'session_preload_libraries = auto_explain',
    'auto_explain.log_min_duration = 0',
    'auto_explain.log_nested_statements = on',
    'auto_explain.log_analyze = on',
    'auto_explain.log_timing = off'
  ])
    await admin.unsafe(`alter database postgres set ${setting}`)
  // The pool was closed, so that new connections load the extension.
  const logFile = join(dataDir, 'postgres.log')
  const table: string[] = []
  for (const [index, { name, run }] of cases.entries()) {
    const before = (await readFile(logFile, 'utf8')).length
    await server.asUser(caller, run)
    const plans = (await readFile(logFile, 'utf8')).slice(before)
    const { rows, median, worst, usesIndex } = timings[index]!
    const scans = scansOf(plans)
    table.push(`| ${name} | ${rows.toLocaleString('en')} | ${median.toFixed(1)} | ${worst.toFixed(1)} | ${scans.join(', ')} |`)
    if (usesIndex && !scans.some(scan => usesIndex.test(scan))) {
      process.exitCode = 1
      table.push(`| **${name} does not use ${usesIndex.source}** | | | | |`)
    }
  }
  await server.closePool()
  const writes = await measureWrites(admin, teams[0]!, people[0]!)
  await admin.end()
  process.stdout.write(
    `${tickets.toLocaleString('en')} tickets and ${(tickets * 2).toLocaleString('en')} replies in three teams. Each request runs ${runs} times on the largest team.\n\n| request | rows | median ms | worst ms | reads |\n|---|---:|---:|---:|---|\n${table.join('\n')}\n\n${writes}\n`
  )
} finally {
  await database.stop()
  await rm(dataDir, { recursive: true, force: true })
}

function casesFor(
  { pageTickets, scrollTickets, countTickets, searchTeam, ticketQuery, ticketFilter }: Server,
  teamId: string,
  userId: string
): Case[] {
  const page = (name: string, query: Query, usesIndex?: RegExp): Case => ({
    name,
    usesIndex,
    run: async db =>
      (await pageTickets(db, { teamId, userId }, { ...ticketQuery.parse({ page: '1', ...query }), page: Number(query.page ?? 1) })).total
  })
  const count = (name: string, query: Query): Case => ({
    name,
    run: async db =>
      Object.values(await countTickets(db, { teamId, userId }, ticketFilter.parse(query))).reduce((sum, value) => sum + value, 0)
  })
  const search = (name: string, q: string, usesIndex = /_search|_number/): Case => ({
    name,
    usesIndex,
    run: async db => {
      const found = await searchTeam(db, { teamId, userId }, { q, limit: 20 })
      return found.tickets.length + found.replies.length
    }
  })
  const cursorAt = (value: string, created: string) =>
    Buffer.from(JSON.stringify(['severity', 'asc', value, created, '00000000-0000-4000-8000-000000000000'])).toString('base64url')
  const middle = cursorAt('3', '2026-06-01T00:00:00Z')
  const [rare, common, everywhere] = [words[7_000]!, words[100]!, words[0]!]
  return [
    page('List: the worst first', {}),
    page('List: two statuses', { status: ['open', 'waiting'] }),
    page('List: mine, open', { status: 'open', assigned_to: 'me' }),
    page('List: a tag', { tag: words[3]! }),
    page('List: severity, priority and category', { severity: ['1', '2'], priority: 'urgent', category: 'bug' }),
    page('List: of one month', { created_from: '2026-10-01', created_to: '2026-11-01' }),
    page('List: newest first', { sort: 'created_at' }),
    page('List: latest activity', { sort: 'last_activity_at' }),
    page('List: by subject', { sort: 'subject', order: 'asc' }),
    page('List: by assignee', { sort: 'assignee_name', order: 'asc' }),
    page('List: page 1,000', { page: '1000' }),
    {
      name: 'Scroll: from the middle',
      run: async db => (await scrollTickets(db, { teamId, userId }, { ...ticketQuery.parse({}), cursor: middle })).data.length
    },
    count('Counts by status', {}),
    count('Counts by status: mine', { assigned_to: 'me' }),
    page('List: a rare word', { q: rare }, /_search/),
    page('List: a common word', { q: common }, /_search/),
    page('List: a word of every ticket', { q: everywhere }),
    page('List: two words', { q: `${common} ${rare}` }, /_search/),
    page('List: two Han characters', { q: String.fromCodePoint(0x4e00 + 500, 0x4e00 + 250) }, /_search/),
    page('List: part of a name', { q: rare.slice(1) }, /_names/),
    page('List: operators', { q: 'is:open assignee:person3 severity:1,2' }),
    page('List: requester', { q: `requester:${rare}` }, /_search/),
    page('List: without a word', { q: `-${common}` }),
    search('Search: a rare word', rare),
    search('Search: a common word', common),
    search('Search: a word of every ticket', everywhere),
    search('Search: two words', `${common} ${words[1_000]!}`),
    search('Search: a phrase', `"${words[5]!} ${words[9]!}"`),
    search('Search: two Han characters', String.fromCodePoint(0x4e00 + 500, 0x4e00 + 250)),
    search('Search: as one types', rare.slice(0, 3)),
    search('Search: a number', '#1234'),
    search('Search: a word, with operators', `${common} status:open tag:${words[2]!}`)
  ]
}

/** The indexes and sequential scans of ticket tables in the logged plans. */
function scansOf(plans: string): string[] {
  const scans = new Set<string>()
  for (const [, index, table] of plans.matchAll(
    /(?:Index(?: Only)? Scan(?: Backward)? using|Bitmap Index Scan on) (\w+)|Seq Scan on (\w+)/g
  )) {
    if (index && /^ticket/.test(index)) scans.add(index)
    if (table && /^(?:tickets|ticket_replies|ticket_tags)$/.test(table)) scans.add(`all of ${table}`)
  }
  return [...scans].filter(scan => scan !== 'tickets_pkey' && !/^ticket_(?:categories|types|items)_/.test(scan))
}

async function generate(sql: Sql, people: string[], sizes: number[]): Promise<string[]> {
  for (const [index, id] of people.entries())
    await sql`insert into auth.users ${sql({ id, email: `person${index}@bench.test`, raw_user_meta_data: sql.json({ full_name: `Person${index} Bench` }) })}`
  const teams = sizes.map(() => randomUUID())
  for (const [index, id] of teams.entries()) {
    await sql`insert into public.teams ${sql({ id, name: `Team ${index}`, slug: `bench-${index}` })}`
    await sql`insert into public.team_members ${sql(people.map(user_id => ({ team_id: id, user_id, role: 'owner' })))}`
  }
  // Skips all triggers but the one that fills in `search` and checks the times. The rows are otherwise complete.
  await sql`set session_replication_role = replica`
  await sql`alter table public.tickets enable always trigger _200_before_insert`
  const newest = Date.parse('2026-11-20T00:00:00Z')
  for (const [index, team_id] of teams.entries()) {
    for (let from = 0; from < sizes[index]!; from += 2_000) {
      const rows = Array.from({ length: Math.min(2_000, sizes[index]! - from) }, (_, offset) => {
        const at = new Date(newest - (sizes[index]! - from - offset) * 300_000)
        const status = random() < 0.7 ? 'closed' : pick(['open', 'in_progress', 'waiting', 'resolved'])
        return {
          id: randomUUID(),
          team_id,
          ticket_number: from + offset + 1,
          subject: text(6).slice(0, 255),
          description: text(60),
          created_by: people[0]!,
          created_at: at,
          updated_at: at,
          last_activity_at: at,
          first_response_at: at,
          resolved_at: ['resolved', 'closed'].includes(status) ? at : null,
          closed_at: status === 'closed' ? at : null,
          reply_count: 2,
          status,
          priority: pick(['low', 'normal', 'high', 'urgent']),
          severity: pick([1, 2, 3, 4, 5]),
          category: pick(['bug', 'question', 'billing', 'other']),
          assigned_to: random() < 0.2 ? null : pick(people),
          requester_name: latin(2),
          requester_email: `${words[skewed(8_000)]}@${words[skewed(500)]}.test`
        }
      })
      await sql`insert into public.tickets ${sql(rows)}`
      await sql`insert into public.ticket_replies ${sql(rows.flatMap(({ id }) => [false, true].map(is_internal => ({ team_id, ticket_id: id, user_id: people[1]!, content: text(40), is_internal }))))}`
      await sql`insert into public.ticket_tags ${sql(rows.filter(() => random() < 0.3).map(({ id }) => ({ team_id, ticket_id: id, tag: words[skewed(100)]! })))}`
    }
    await sql`update private.ticket_counters set last_number = ${sizes[index]!} where team_id = ${team_id}`
  }
  await sql`alter table public.tickets enable trigger _200_before_insert`
  await sql`set session_replication_role = origin`
  for (const table of ['tickets', 'ticket_replies', 'ticket_tags']) await sql.unsafe(`vacuum analyze public.${table}`)
  return teams
}

/** Times each write on up to 300 open tickets, with all triggers. */
async function measureWrites(sql: Sql, team_id: string, created_by: string): Promise<string> {
  const open = await sql<
    { id: string }[]
  >`select id from public.tickets where team_id = ${team_id} and status = 'open' order by ticket_number limit 300`
  const [{ size }] = await sql<
    [{ size: string }]
  >`select string_agg(indexrelid::regclass || ' ' || pg_size_pretty(pg_relation_size(indexrelid)), ', ') as size from pg_index where indexrelid::regclass::text ~ '^ticket.*_(search|names)$'`
  const median = async (write: (index: number) => Promise<unknown>) => {
    const times: number[] = []
    for (let index = 0; index < open.length; index++) {
      const started = performance.now()
      await write(index)
      times.push(performance.now() - started)
    }
    return times.sort((a, b) => a - b)[times.length >> 1]!.toFixed(1)
  }
  const created = await median(
    () => sql`insert into public.tickets ${sql({ team_id, created_by, subject: text(6), description: text(60) })}`
  )
  const changed = await median(index => sql`update public.tickets set status = 'waiting' where id = ${open[index]!.id}`)
  const replied = await median(
    index => sql`insert into public.ticket_replies ${sql({ team_id, ticket_id: open[index]!.id, user_id: created_by, content: text(40) })}`
  )
  return `Writes, median ms: a ticket ${created}, a change of status ${changed}, a reply ${replied}. Search indexes: ${size}.`
}

async function loadServer() {
  const [
    { closePool, configureDatabase },
    { asUser },
    { pageTickets, scrollTickets, countTickets },
    { searchTeam },
    { ticketQuery, ticketFilter }
  ] = await Promise.all([
    loadModule('server/db/pool'),
    loadModule('server/db/identity'),
    loadModule('server/domain/ticket/list'),
    loadModule('server/domain/search'),
    loadModule('shared/schemas/ticket')
  ])
  return { closePool, configureDatabase, asUser, pageTickets, scrollTickets, countTickets, searchTeam, ticketQuery, ticketFilter }
}
