// Measures what one hostile tenant costs the others: starts the demo on free loopback ports, runs several attacks as a member
// of Initech, and measures the latency of an honest member of Acme during each. Exit code 1 when the honest p95 exceeds three
// times its quiet p95, /readyz is not 200, the event loop is blocked for more than 50 ms, or a request holds a database
// connection for more than 10 s. Run: npm run hostile -- [seconds per attack, 8] [--only=part of a name,…] [--without-limits]
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { text } from 'node:stream/consumers'
import { createClient } from '@supabase/supabase-js'
import postgres from 'postgres'
import { startDemo } from '../tests/e2e/support/demo.ts'

const seconds = Math.min(60, Number(process.argv.slice(2).find(argument => /^\d+$/.test(argument)) ?? 8))
const quietSeconds = seconds / 2
const only = process.argv
  .find(argument => argument.startsWith('--only='))
  ?.slice('--only='.length)
  .split(',')
const withoutLimits = process.argv.includes('--without-limits')
const limits = { ratio: 3, blockedMs: 50, connectionMs: 10_000 }
const attackers = 8
const pages = ['/sign-in', `/rate/${'r'.repeat(43)}`, '/docs/api', '/none']
const requestsOfAttack = 2_000
const say = (line: string) => process.stdout.write(`${line}\n`)

interface Person {
  token: string
  id: string
  team: string
  tickets: string[]
}

const socketPath = join(tmpdir(), `hostile-${process.pid}.sock`)
process.env.HOSTILE_SOCKET = socketPath
process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --import ${new URL('hostile/watch-loop.mjs', import.meta.url).href}`
const demo = await startDemo()
process.env.NODE_OPTIONS = ''
const sql = postgres(demo.databaseUrl, { max: 4, onnotice: () => {} })
const stop = async () => {
  await sql.end({ timeout: 2 })
  await demo.stop()
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop().then(() => process.exit(1)))

try {
  if (withoutLimits) await sql`update private.budget_settings set factor = 1000`
  const mallory = await signIn('dan@initech.test', 'initech')
  await fillTeam(mallory)
  const bob = await signIn('bob@acme.test', 'acme')
  process.exitCode = (await measure(mallory, bob)) ? 0 : 1
} finally {
  await stop()
}

/** Runs all attacks. Returns whether every measurement stayed within its limit. */
async function measure(mallory: Person, bob: Person): Promise<boolean> {
  await measureHonest(bob, 3) // warm-up: compiled code, query plans
  for (const path of pages) await send('GET', path, bob.token)
  await takeBlockedMs()
  if (withoutLimits) say('Without limits')
  say(`${'attack'.padEnd(34)} requests  refused   quiet p95   honest p95   ratio  /readyz    blocked  connection`)
  // Measured before and after each attack, because the load of the machine varies.
  let quietBefore = await measureHonest(bob, quietSeconds)
  let isWithin = true
  for (const [index, name] of Object.keys(attacks(mallory)).entries()) {
    if (only && !only.some(part => name.includes(part))) continue
    // A new attacker each time: the previous one has exhausted their rate limits.
    const attack = attacks({ ...mallory, ...(await addColleague(mallory, index)) })[name]!
    const until = performance.now() + seconds * 1000
    const watch = startWatch()
    await takeBlockedMs()
    const [latencies, answers] = await Promise.all([measureHonest(bob, seconds), attack(until)])
    const { readiness, connectionMs } = await watch()
    await sleep(2_000) // until requests of the attack have ended
    const blockedMs = await takeBlockedMs()
    const quietAfter = await measureHonest(bob, quietSeconds)
    const quiet = percentile([...quietBefore, ...quietAfter], 0.95)
    quietBefore = quietAfter
    const p95 = percentile(latencies, 0.95)
    const failures = [
      p95 > limits.ratio * quiet && 'slow',
      readiness !== 200 && 'not ready',
      blockedMs > limits.blockedMs && 'blocked',
      connectionMs > limits.connectionMs && 'connection'
    ].filter(Boolean)
    isWithin &&= failures.length === 0
    say(
      `${name.padEnd(34)} ${String(answers.length).padStart(8)} ${String(answers.filter(status => status === 429).length).padStart(8)} ${`${quiet.toFixed(0)} ms`.padStart(11)} ${`${p95.toFixed(0)} ms`.padStart(12)} ${(p95 / quiet).toFixed(1).padStart(7)} ${String(readiness).padStart(8)} ${`${blockedMs.toFixed(0)} ms`.padStart(10)} ${`${(connectionMs / 1000).toFixed(1)} s`.padStart(11)}  ${failures.join(', ')}`
    )
  }
  say(isWithin ? '\nThe attacks did not affect the other tenant.' : '\nAn attack exceeded a limit.')
  return isWithin
}

/** Attacks by name. Each sends requests until the time `until`, and returns their statuses. */
function attacks({ token, id, team, tickets }: Person): Record<string, (until: number) => Promise<number[]>> {
  const base = `/api/teams/${team}`
  const search = (q: string) => `${base}/search?limit=50&q=${encodeURIComponent(q)}`
  const get = (path: string) => send('GET', path, token)
  const post = (path: string, body: unknown) => send('POST', path, token, JSON.stringify(body))
  const reply = (content: string) => post(`${base}/tickets/${tickets[0]}/replies`, { content, format: 'markdown' })
  return {
    'equal terms of one CJK letter': repeatRequest(() => get(search(Array(90).fill('登').join(' ')))),
    'terms that contain each other': repeatRequest(() => get(search(Array.from({ length: 12 }, (_, at) => '登'.repeat(at + 1)).join(' ')))),
    'plain letters': repeatRequest(() => get(search('a b c d e f g h i j k l m n o p q r s t'))),
    'parts of words, in a list': repeatRequest(() => get(`${base}/tickets?page_size=100&page=1&q=${'a'.repeat(199)}`)),
    'phrases and operators': repeatRequest(() => get(search(`"${'a '.repeat(60)}" requester:a,b,c,d assignee:e,f,g,h author:i`))),
    'mentions': repeatRequest(() => reply(`${`<@${id}> `.repeat(1_200)}`)),
    'markdown, mailed': rotateRequests(['- a\n', '[a](b', '**a*b_c ', '> - ', 'http://a&', '\r#', 'a|b\n-|-\n', '```\n'], seed =>
      reply(seed.repeat(Math.floor(49_000 / seed.length)))
    ),
    'lists of large rows': repeatRequest(() => get(`${base}/tickets`)),
    'bodies of a megabyte': rotateRequests(
      [
        JSON.stringify({ ids: Array(90_000).fill('x'), action: 'set_severity', value: 1 }),
        `{"tags":${'['.repeat(400_000)}`,
        `{"filter":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`,
        JSON.stringify({ filter: { q: 'x:"'.repeat(300_000) }, action: 'set_severity', value: 1 }),
        `{${Array.from({ length: 60_000 }, (_, at) => `"k${at}":1`).join()}}`
      ],
      body => send('POST', `${base}/tickets/bulk`, token, body)
    ),
    'pages': rotateRequests(pages, get),
    'downloads that are not read': until =>
      downloadUnread(
        [...Array<string>(8).fill(`${base}/export/tickets.csv`), ...Array<string>(4).fill(`${base}/export/audit.csv`)],
        token,
        until
      ),
    'slow request bodies': until => trickleBody(`${base}/tickets`, token, until),
    'reports and counts': rotateRequests(
      [`${base}/analytics/summary?window=90`, `${base}/tickets/counts?q=a`, `${base}/audit`, `${base}/saved-views/counts`],
      get
    )
  }
}

/** Repeats a request, `attackers` at a time, until the time `until` or `requestsOfAttack` requests. */
function repeatRequest(request: () => Promise<number>): (until: number) => Promise<number[]> {
  return async until => {
    const statuses: number[] = []
    await Promise.all(
      Array.from({ length: attackers }, async () => {
        while (performance.now() < until && statuses.length < requestsOfAttack) {
          const status = await request()
          statuses.push(status)
          if (status === 429) await sleep(50) // a client that waits a little when it is limited
        }
      })
    )
    return statuses
  }
}

function rotateRequests<T>(choices: T[], request: (choice: T) => Promise<number>): (until: number) => Promise<number[]> {
  let next = 0
  return repeatRequest(() => request(choices[next++ % choices.length]!))
}

/** Starts downloads and reads only their headers. */
async function downloadUnread(paths: string[], token: string, until: number): Promise<number[]> {
  const requests = paths.map(path => openRequest('GET', path, token))
  const statuses: number[] = []
  await Promise.all(
    requests.map(async request => {
      request.on('error', () => {}) // destroyed below
      request.end()
      const [response] = await Promise.race([
        once(request, 'response') as Promise<[IncomingMessage]>,
        sleep(Math.max(0, until - performance.now())).then(() => [null] as const)
      ])
      response?.pause()
      statuses.push(response?.statusCode ?? 0)
      await sleep(Math.max(0, until - performance.now()))
      request.destroy()
    })
  )
  return statuses
}

/** Sends request bodies one byte at a time. */
async function trickleBody(path: string, token: string, until: number): Promise<number[]> {
  const requests = Array.from({ length: 40 }, () =>
    openRequest('POST', path, token, { 'content-type': 'application/json', 'content-length': '1000' })
  )
  for (const request of requests) {
    request.on('error', () => {}) // destroyed below
    request.write('{')
  }
  while (performance.now() < until) {
    await sleep(500)
    for (const request of requests) request.write(' ')
  }
  for (const request of requests) request.destroy()
  return requests.map(() => 0)
}

/** Latencies in milliseconds of what an agent does: a list, a ticket with its replies, a search, a change. */
async function measureHonest({ token, team, tickets }: Person, seconds: number): Promise<number[]> {
  const base = `/api/teams/${team}`
  const latencies: number[] = []
  const until = performance.now() + seconds * 1000
  for (let turn = 0; performance.now() < until; turn++) {
    const ticket = tickets[turn % tickets.length]!
    const requests: [string, string, string?][] = [
      ['GET', `${base}/tickets?page=1&page_size=50`],
      ['GET', `${base}/tickets/${ticket}`],
      ['GET', `${base}/tickets/${ticket}/replies`],
      ['GET', `${base}/search?q=sync`],
      ['PATCH', `${base}/tickets/${ticket}`, JSON.stringify({ severity: 1 + (turn % 5) })]
    ]
    for (const [method, path, body] of requests) {
      const started = performance.now()
      const status = await send(method, path, token, body)
      if (status >= 400) throw new Error(`${method} ${path} of the honest caller: ${status}`)
      latencies.push(performance.now() - started)
      await sleep(40)
    }
  }
  return latencies
}

/** Polls /readyz and the age of transactions until the returned function is called. */
function startWatch(): () => Promise<{ readiness: number; connectionMs: number }> {
  let isOver = false
  let readiness = 200
  let connectionMs = 0
  const watched = (async () => {
    while (!isOver) {
      readiness = Math.max(
        readiness,
        await fetch(`${demo.url}/readyz`, { signal: AbortSignal.timeout(15_000) }).then(
          response => response.status,
          () => 599
        )
      )
      const [{ age }] = await sql<
        [{ age: number }]
      >`select coalesce(max(extract(epoch from now() - xact_start)) * 1000, 0)::double precision as age from pg_stat_activity where application_name = 'switchboard' and state <> 'idle'`
      connectionMs = Math.max(connectionMs, age)
      await sleep(200)
    }
  })()
  return async () => {
    isOver = true
    await watched
    return { readiness, connectionMs }
  }
}

/** The longest time that work blocked the event loop of the server since the last call, in milliseconds. */
async function takeBlockedMs(): Promise<number> {
  return (JSON.parse(await text(createConnection(socketPath))) as { blockedMs: number }).blockedMs
}

async function send(method: string, path: string, token: string, body?: string): Promise<number> {
  const response = await fetch(`${demo.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body,
    signal: AbortSignal.timeout(60_000)
  })
  await response.arrayBuffer()
  return response.status
}

function openRequest(method: string, path: string, token: string, headers: Record<string, string> = {}): ClientRequest {
  const request = httpRequest(`${demo.url}${path}`, { method, headers: { authorization: `Bearer ${token}`, ...headers }, agent: false })
  request.flushHeaders()
  return request
}

async function signIn(email: string, slug: string): Promise<Person> {
  const { data, error } = await createClient(demo.supabaseUrl, demo.publishableKey).auth.signInWithPassword({
    email,
    password: 'switchboard-demo'
  })
  if (error) throw error
  const [{ team }] = await sql<[{ team: string }]>`select id as team from public.teams where slug = ${slug}`
  const tickets = await sql<
    { id: string }[]
  >`select id from public.tickets where team_id = ${team} and status = 'open' order by ticket_number limit 20`
  return { token: data.session.access_token, id: data.user.id, team, tickets: tickets.map(({ id }) => id) }
}

/** Fills the attacker's own team with large and expensive texts. */
async function fillTeam({ team, id, tickets }: Person): Promise<void> {
  await sql.begin(async sql => {
    await sql`alter table public.tickets disable trigger user`
    await sql`alter table public.ticket_replies disable trigger user`
    const texts = [
      '登'.repeat(49_000),
      '登录失败 '.repeat(9_000),
      'a b c d e f g h i j k l m n o p q r s t '.repeat(1_200),
      'a'.repeat(1_900).concat(' ').repeat(25),
      `<@${id}> `.repeat(1_200)
    ]
    for (const [at, description] of texts.entries()) {
      await sql`
        insert into public.tickets (team_id, ticket_number, subject, description, severity, created_by, created_at, requester_email)
        select ${team}, 100000 + ${at} * 1000 + n, 'Hostile 登 ' || n, ${description}, 1 + n % 5, ${id}, now() - n * interval '1 minute', 'client@elsewhere.test' from generate_series(1, 60) as n`
      await sql`
        insert into public.ticket_replies (team_id, ticket_id, user_id, content) select ${team}, ${tickets[0]!}, ${id}, ${description} from generate_series(1, 30)`
    }
    await sql`
      insert into public.tickets (team_id, ticket_number, subject, description, severity, created_by, created_at)
      select ${team}, 200000 + n, 'Ticket ' || n, repeat('What happened, in words. ', 40), 1 + n % 5, ${id}, now() - n * interval '1 minute' from generate_series(1, 10000) as n`
    await sql`alter table public.tickets enable trigger user`
    await sql`alter table public.ticket_replies enable trigger user`
    await sql`update public.tickets set requester_email = 'client@elsewhere.test' where id = ${tickets[0]!}`
  })
  await sql`analyze public.tickets, public.ticket_replies`
}

/** Adds an account with the same role and password to the team of the attacker. */
async function addColleague({ id, team }: Person, index: number): Promise<Pick<Person, 'id' | 'token'>> {
  const email = `mallory.${index}@initech.test`
  const [{ id: other }] = await sql<[{ id: string }]>`
    insert into auth.users (id, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data)
    select gen_random_uuid(), ${email}, encrypted_password, now(), raw_app_meta_data, raw_user_meta_data from auth.users where id = ${id} returning id`
  await sql`insert into public.team_members (team_id, user_id, role) select ${team}, ${other}, role from public.team_members where team_id = ${team} and user_id = ${id}`
  const { token } = await signIn(email, 'initech')
  return { id: other, token }
}

function percentile(values: number[], part: number): number {
  return values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))]!
}
