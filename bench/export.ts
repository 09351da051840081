// Measures the CSV export of 100,000 tickets on the product as `npm run demo` starts it: time to the first and the last byte, and
// growth of the server's memory. Run: node bench/export.ts [tickets, 100000]
import { createClient } from '@supabase/supabase-js'
import postgres from 'postgres'
import { startDemo } from '../tests/e2e/support/demo.ts'
import { serverPid, watchMemory } from './server-memory.ts'

const tickets = Number(process.argv[2] ?? 100_000)
const say = (line: string) => process.stdout.write(`${line}\n`)

const demo = await startDemo()
try {
  const sql = postgres(demo.databaseUrl, { max: 1, onnotice: () => {} })
  const [{ team, author }] = await sql<
    [{ team: string; author: string }]
  >`select id as team, (select user_id from public.team_members where team_id = teams.id and role = 'owner' limit 1) as author from public.teams where slug = 'acme'`
  // Triggers are disabled to load the rows in seconds; they do not affect reading.
  await sql.begin(async sql => {
    await sql`alter table public.tickets disable trigger user`
    await sql`
      insert into public.tickets (team_id, ticket_number, subject, description, severity, created_by, created_at)
      select ${team}, 10000 + n, 'Ticket ' || n, repeat('What happened, in words. ', 20), 1 + n % 5, ${author}, now() - n * interval '1 minute' from generate_series(1, ${tickets}) as n`
    await sql`alter table public.tickets enable trigger user`
  })
  await sql`analyze public.tickets`
  await sql.end()

  const { data, error } = await createClient(demo.supabaseUrl, demo.publishableKey).auth.signInWithPassword({
    email: 'ann@acme.test',
    password: 'switchboard-demo'
  })
  if (error) throw error
  const server = serverPid(demo.pid)
  for (const query of ['', '?sort=subject&order=asc', '?sort=tags&order=asc']) {
    const endWatch = watchMemory(server)
    const started = performance.now()
    const response = await fetch(`${demo.url}/api/teams/${team}/export/tickets.csv${query}`, {
      headers: { authorization: `Bearer ${data.session.access_token}` }
    })
    let first = 0
    let bytes = 0
    let lines = 0
    for await (const chunk of response.body!) {
      first ||= performance.now() - started
      bytes += chunk.length
      for (const byte of chunk) if (byte === 10) lines++
    }
    const total = performance.now() - started
    const memory = await endWatch()
    say(
      `${response.status} ${query || '(default order)'}: ${lines - 1} rows, ${(bytes / 1e6).toFixed(1)} MB; first byte ${first.toFixed(0)} ms, last ${(total / 1000).toFixed(1)} s; memory ${memory}`
    )
  }
} finally {
  await demo.stop()
}
