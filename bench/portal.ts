// Measures what a client waits for in Postgres, on a throw-away database: node bench/portal.ts. A team has 100,000 tickets of 500 contacts,
// with two public replies and a note each. Goal: 25 ms in 95 of 100 calls.
import postgres, { type TransactionSql } from 'postgres'
import { withScratchDatabase } from '../supabase/embedded/scratch.ts'

const contacts = 500
const ticketsEach = 200
const runs = 200
const goalMs = 25
const person = '11111111-0000-4000-8000-000000000001'
const session = '22222222-0000-4000-8000-000000000001'
const say = (line: string) => process.stdout.write(`${line}\n`)

await withScratchDatabase(async ({ postgresUrl }) => {
  const sql = postgres(postgresUrl, { max: 1, onnotice: () => {} })
  await sql`insert into auth.users (id, email, email_confirmed_at, raw_user_meta_data) values (${person}, 'c1@bench.test', now(), ${sql.json({ full_name: 'Client' })})`
  await sql`insert into auth.sessions (id, user_id) values (${session}, ${person})`
  const [{ id: team }] = await sql<[{ id: string }]>`insert into public.teams (name, slug) values ('Bench', 'bench') returning id`
  await sql.begin(async sql => {
    // Without triggers: the events of 100,000 tickets are not measured.
    for (const table of ['contacts', 'contact_addresses', 'tickets', 'ticket_replies'])
      await sql`alter table ${sql(`public.${table}`)} disable trigger user`
    await sql`
      insert into public.contacts (id, team_id, name, user_id)
      select md5('contact' || n)::uuid, ${team}, 'Contact ' || n, case when n = 1 then ${person}::uuid end from generate_series(1, ${contacts}::int) as n`
    await sql`
      insert into public.contact_addresses (team_id, address, contact_id, is_primary)
      select ${team}, 'c' || n || '@bench.test', md5('contact' || n)::uuid, true from generate_series(1, ${contacts}::int) as n`
    await sql`
      insert into public.tickets (id, team_id, ticket_number, subject, description, status, contact_id, created_by, created_at, resolved_at)
      select md5('ticket' || n)::uuid, ${team}, n, 'Request ' || n, repeat('What happened, and when. ', 20),
        case when n % 3 = 0 then 'resolved' when n % 7 = 0 then 'waiting' else 'open' end,
        md5('contact' || (n % ${contacts}::int + 1))::uuid, ${person}, now() - n * interval '1 minute', case when n % 3 = 0 then now() end
      from generate_series(1, ${contacts * ticketsEach}::int) as n`
    await sql`
      insert into public.ticket_replies (team_id, ticket_id, user_id, content, is_internal, created_at)
      select ${team}, md5('ticket' || n)::uuid, ${person}, repeat('An answer. ', 20), kind = 3, now() - n * interval '1 minute' + kind * interval '1 second'
      from generate_series(1, ${contacts * ticketsEach}::int) as n, generate_series(1, 3) as kind`
  })
  await sql`analyze`
  const claims = JSON.stringify({ sub: person, role: 'authenticated', session_id: session })
  const measure = async (name: string, work: (sql: TransactionSql) => Promise<unknown>) => {
    const times: number[] = []
    for (let run = 0; run < runs; run++) {
      const started = performance.now()
      await sql.begin(async sql => {
        await sql`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${claims}, true)`
        await work(sql)
      })
      times.push(performance.now() - started)
    }
    times.sort((one, other) => one - other)
    const at = (part: number) => times[Math.floor(times.length * part)]!
    say(`${at(0.95) <= goalMs ? '✓' : '✗'} ${name}: median ${at(0.5).toFixed(1)} ms, p95 ${at(0.95).toFixed(1)} ms`)
    return at(0.95) <= goalMs
  }
  const results = [
    await measure(`the list of ${ticketsEach} tickets`, sql => sql`select * from portal.tickets(${team})`),
    await measure('its search', sql => sql`select * from portal.tickets(${team}, words => '{answer,happened}')`),
    await measure('a ticket with its conversation', async sql => {
      await sql`select * from portal.ticket(${team}, 500)`
      await sql`select * from portal.conversation(${team}, 500)`
    })
  ]
  await sql.end()
  process.exitCode = results.every(Boolean) ? 0 : 1
})
