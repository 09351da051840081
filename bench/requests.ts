// Measures the milliseconds of a list of tickets, of one ticket and of a new ticket, on the demo of this checkout and of others:
// node bench/requests.ts [rounds, 20] [directory of another checkout, built, with its packages …]. Alternates the checkouts, ten
// requests at a time, and prints the median and the 95th percentile of each, and the medians against those of this checkout.
import { join, resolve } from 'node:path'
import { createClient } from '@supabase/supabase-js'
import postgres from 'postgres'
import { projectRoot } from '../supabase/embedded/cli.ts'
import { percentile } from '../tests/support/percentile.ts'
import { sessionCookies } from '../tests/e2e/support/people.ts'

type Requests = Record<'list' | 'detail' | 'create', () => Promise<unknown>>
interface Checkout {
  directory: string
  requests: Requests
  times: Record<keyof Requests, number[]>
  stop(): Promise<void>
}

const [rounds = 20, directories] = [Number(process.argv[2] ?? 20), process.argv.slice(3).map(directory => resolve(directory))]
const perTurn = 10
const checkouts: Checkout[] = []
try {
  for (const directory of [projectRoot, ...directories]) checkouts.push(await start(directory))
  for (let round = -1; round < rounds; round++)
    for (const checkout of checkouts)
      for (const kind of ['list', 'detail', 'create'] as const)
        for (let n = 0; n < perTurn; n++) {
          const startedAt = performance.now()
          await checkout.requests[kind]()
          if (round >= 0) checkout.times[kind].push(performance.now() - startedAt) // the first round warms up
        }
  for (const { directory, times } of checkouts) {
    const figures = Object.entries(times).map(([kind, values]) => {
      const median = percentile(values, 0.5)
      const share = median / percentile(checkouts[0]!.times[kind as keyof Requests], 0.5)
      return `${kind} p50 ${median.toFixed(1)} ms (× ${share.toFixed(2)}), p95 ${percentile(values, 0.95).toFixed(1)} ms`
    })
    process.stdout.write(`${directory === projectRoot ? 'this checkout' : directory}: ${figures.join('; ')}\n`)
  }
} finally {
  for (const { stop } of checkouts) await stop()
}

async function start(directory: string): Promise<Checkout> {
  const { startDemo } = (await import(join(directory, 'tests/e2e/support/demo.ts'))) as typeof import('../tests/e2e/support/demo.ts')
  const { widenBudgets } = (await import(join(directory, 'tests/support/budgets.ts'))) as typeof import('../tests/support/budgets.ts')
  const demo = await startDemo()
  const sql = postgres(demo.databaseUrl, { max: 1 })
  await widenBudgets(sql)
  await sql.end()
  const { auth } = createClient(demo.supabaseUrl, demo.publishableKey, { auth: { persistSession: false, autoRefreshToken: false } })
  const { data, error } = await auth.signInWithPassword({ email: 'ann@acme.test', password: 'switchboard-demo' })
  if (error) throw error
  const cookie = sessionCookies(data.session)
    .map(({ name, value }) => `${name}=${value}`)
    .join('; ')

  async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${demo.url}${path}`, {
      method,
      headers: { cookie, 'origin': demo.url, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body)
    })
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as T
  }
  const [team] = await request<{ id: string }[]>('GET', '/api/teams')
  const tickets = `/api/teams/${team!.id}/tickets`
  const [ticket] = await request<{ id: string }[]>('GET', tickets)
  return {
    directory,
    requests: {
      list: () => request('GET', tickets),
      detail: () => request('GET', `${tickets}/${ticket!.id}`),
      create: () => request('POST', tickets, { subject: 'The printer is on fire', description: 'Since this morning.' })
    },
    times: { list: [], detail: [], create: [] },
    stop: demo.stop
  }
}
