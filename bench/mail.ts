// Measures the outbox of mails on a throw-away database with the built server (npm run build): node bench/mail.ts [mails, 2000].
// First compares requests with the mail server up and down. Then sends mails while the mail server is away, refuses, defers,
// hangs and drops connections, and the server is killed ten times: counts what arrived, how often, and how soon.
import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SignJWT } from 'jose'
import postgres from 'postgres'
import { SMTPServer } from 'smtp-server'
import { projectRoot } from '../supabase/embedded/cli.ts'
import { freePort } from '../supabase/embedded/postgres.ts'
import { withScratchDatabase } from '../supabase/embedded/scratch.ts'

const mails = Number(process.argv[2] ?? 2_000)
const refused = 20
const kills = 10
const secret = 'a secret of this run alone, 32 bytes long'
const owner = '11111111-0000-4000-8000-000000000001'
const say = (line: string) => process.stdout.write(`${line}\n`)
const quantile = (values: number[], part: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))]!

type Mode = 'up' | 'busy' | 'deferring' | 'hanging' | 'dropping'

/** Starts an SMTP server that can be stopped, or set to refuse, defer, hang or drop connections. Counts accepted mails by Message-ID. */
async function startSink(port: number) {
  const accepted = new Map<string, number>()
  let mode: Mode = 'up'
  let server: SMTPServer | undefined
  const failing = (code: number, words: string) => Object.assign(new Error(words), { responseCode: code })
  const start = async () => {
    server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      logger: false,
      onConnect: (_, done) =>
        mode === 'hanging' && Math.random() < 0.3 ? undefined : done(mode === 'busy' ? failing(421, 'Too many connections') : null),
      onRcptTo: ({ address }, _, done) =>
        done(
          address.startsWith('refused')
            ? failing(550, 'No such user')
            : mode === 'deferring' && Math.random() < 0.2
              ? failing(451, 'Later')
              : null
        ),
      onData(stream, session, done) {
        const chunks: Buffer[] = []
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('end', () => {
          if (mode === 'dropping' && Math.random() < 0.1) {
            for (const connection of server!.connections) if (connection.session === session) connection._socket.destroy()
            return
          }
          const id = /^Message-ID: (\S+)/im.exec(Buffer.concat(chunks).toString('utf8'))?.[1] ?? 'none'
          accepted.set(id, (accepted.get(id) ?? 0) + 1)
          done()
        })
      }
    })
    server.on('error', () => {
      /* clients are killed during a connection */
    })
    server.listen(port, '127.0.0.1')
    await once(server.server, 'listening')
  }
  const stop = async () => {
    const closing = server
    server = undefined
    if (!closing) return
    for (const connection of closing.connections) connection._socket.destroy()
    await new Promise<void>(resolve => closing.close(() => resolve()))
  }
  await start()
  return { accepted, start, stop, behave: (next: Mode) => (mode = next) }
}

/** Functions that start and kill the built server. */
function createProduct(databaseUrl: string, port: number, smtpPort: number) {
  let child: ChildProcess | undefined
  const start = async () => {
    child = spawn(process.execPath, [join(projectRoot, '.output', 'server', 'index.mjs')], {
      stdio: ['ignore', 'ignore', 'ignore'],
      env: {
        ...process.env,
        NODE_ENV: 'production',
        HOST: '127.0.0.1',
        NITRO_HOST: '127.0.0.1',
        PORT: String(port),
        NITRO_PORT: String(port),
        NUXT_DATABASE_URL: databaseUrl,
        NUXT_JWT_SECRET: secret,
        NUXT_PUBLIC_SUPABASE_URL: 'http://127.0.0.1:9',
        NUXT_PUBLIC_SUPABASE_KEY: 'none',
        NUXT_PUBLIC_SITE_URL: 'http://desk.test',
        NUXT_SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
        NUXT_MAIL_FROM: 'Desk <desk@desk.test>'
      }
    })
    while (
      (await fetch(`http://127.0.0.1:${port}/readyz`).then(
        response => response.status,
        () => 0
      )) !== 200
    )
      await sleep(50)
  }
  const kill = async () => {
    const ending = child!
    const ended = once(ending, 'exit')
    ending.kill('SIGKILL')
    await ended
  }
  return { start, kill }
}

await withScratchDatabase(async ({ postgresUrl }) => {
  const [port, smtpPort] = [await freePort(), await freePort()]
  const sink = await startSink(smtpPort)
  const server = createProduct(postgresUrl, port, smtpPort)
  const sql = postgres(postgresUrl, { max: 2, onnotice: () => {} })
  await sql`insert into auth.users (id, email, raw_user_meta_data) values (${owner}, 'owner@bench.test', ${sql.json({ full_name: 'Owner' })})`
  const [{ id: team }] = await sql<
    [{ id: string }]
  >`insert into public.teams (name, slug, mail_level) values ('Bench', 'bench', 'established') returning id`
  await sql`insert into public.team_members (team_id, user_id, role) values (${team}, ${owner}, 'owner')`
  const [{ id: session }] = await sql<
    [{ id: string }]
  >`insert into auth.sessions (id, user_id) values (gen_random_uuid(), ${owner}) returning id`
  const token = await new SignJWT({ role: 'authenticated', session_id: session })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(owner)
    .setAudience('authenticated')
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret))
  try {
    await server.start()

    // Each request enqueues a mail. Alternates up and down, so that other load affects both alike.
    const createTicket = async () => {
      const started = performance.now()
      const response = await fetch(`http://127.0.0.1:${port}/api/teams/${team}/tickets`, {
        method: 'POST',
        headers: { 'authorization': `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ subject: 'Ticket', description: 'What happened', requester_email: `request.${randomUUID()}@mail.test` })
      })
      if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`)
      return performance.now() - started
    }
    for (let n = 0; n < 50; n++) await createTicket()
    const times = { up: [] as number[], down: [] as number[] }
    for (let turn = 0; turn < 8; turn++) {
      const state = turn % 2 ? 'down' : 'up'
      await (state === 'down' ? sink.stop() : turn && sink.start())
      for (let n = 0; n < 60; n++) times[state].push(await createTicket())
    }
    await sink.start()
    say(
      `${times.up.length} requests each: with the mail server up p50 ${quantile(times.up, 0.5).toFixed(1)} ms, p95 ${quantile(times.up, 0.95).toFixed(1)} ms; down p50 ${quantile(times.down, 0.5).toFixed(1)} ms, p95 ${quantile(times.down, 0.95).toFixed(1)} ms (${((quantile(times.down, 0.95) / quantile(times.up, 0.95) - 1) * 100).toFixed(0)} %)`
    )

    const waiting = async () =>
      (
        await sql<
          [{ count: number }]
        >`select (select count(*) from public.mails where state = 'waiting')::int + (select count(*) from private.event_outbox)::int as count`
      )[0].count
    const untilSent = async (seconds: number) => {
      const deadline = performance.now() + seconds * 1_000
      while ((await waiting()) > 0 && performance.now() < deadline) await sleep(250)
    }
    await untilSent(180)
    const settled = (await sql<[{ sent: number }]>`select count(*)::int as sent from public.mails where state = 'sent'`)[0].sent
    say(
      `${settled} of ${50 + times.up.length + times.down.length} mails of these requests arrived, ${[...sink.accepted.values()].filter(count => count > 1).length} twice`
    )

    // The delay of first attempts without failures, one mail after the other.
    const earlier = await sql<{ id: string }[]>`select id from public.mails`
    for (let n = 0; n < 100; n++) {
      await createTicket()
      await sleep(20)
    }
    await untilSent(60)
    const [{ soon }] = await sql<[{ soon: number[] }]>`
      select array_agg(extract(epoch from mail.first_attempt_at - event.created_at)::float8 * 1000) as soon
      from public.mails as mail join public.ticket_events as event on event.team_id = mail.team_id and event.id = mail.event_id where mail.id not in ${sql(earlier.map(({ id }) => id))}`
    say(`From the event to the first attempt: p50 ${quantile(soon, 0.5).toFixed(0)} ms, p95 ${quantile(soon, 0.95).toFixed(0)} ms`)

    // All mails at once, while the mail server misbehaves and the server is killed.
    sink.accepted.clear()
    await sink.stop()
    const started = performance.now()
    await sql`
      insert into public.tickets (team_id, subject, description, requester_email, created_by)
      select ${team}, 'Ticket ' || n, 'What happened', case when n <= ${refused} then 'refused.' else 'client.' end || n || '@mail.test', ${owner} from generate_series(1, ${mails}) as n`
    const phases: [Mode | 'away', number][] = [
      ['away', 6],
      ['busy', 4],
      ['deferring', 3],
      ['dropping', 3],
      ['hanging', 4],
      ['up', 1]
    ]
    const misbehave = (async () => {
      for (const [phase, seconds] of phases) {
        if (phase !== 'away') {
          sink.behave(phase)
          if (phase === 'busy') await sink.start()
        }
        await sleep(seconds * 1_000)
      }
    })()
    for (let n = 0; n < kills; n++) {
      await sleep(1_500 + Math.random() * 1_000)
      await server.kill()
      await server.start()
    }
    await misbehave
    await untilSent(240)
    const seconds = (performance.now() - started) / 1000
    const states = await sql<
      { state: string; count: number }[]
    >`select state, count(*)::int as count from public.mails where recipient ~ '^(client|refused)[.][0-9]+@' group by state order by state`
    const counts = [...sink.accepted.values()]
    say(
      `${mails} mails (${refused} to mailboxes that do not exist), mail server away, busy, deferring, dropping and hanging, server killed ${kills} times: ${seconds.toFixed(0)} s, ${states.map(({ state, count }) => `${count} ${state}`).join(', ')}`
    )
    say(
      `At the mail server: ${counts.reduce((sum, count) => sum + count, 0)} accepted, ${counts.length} different Message-IDs, ${counts.filter(count => count > 1).length} of them more than once`
    )
    if (counts.length !== mails - refused) throw new Error('A mail was lost')
  } finally {
    await server.kill()
    await sink.stop()
    await sql.end()
  }
})
