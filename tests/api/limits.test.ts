import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { freePort } from '../../supabase/embedded/stack.ts'
import {
  api,
  apiWithKey,
  readTeamRows,
  database,
  expectError,
  createKey,
  newTeam,
  rawRequest,
  signIn,
  type Answer
} from '../support/api.ts'
import { product } from '../support/own-product.ts'
import { startProduct } from '../support/product.ts'
import { ann, bob, ivan, vera } from '../support/world.ts'

/** Empties a budget for longer than any test runs. */
const exhaust = (kind: string, subject: string) => database()`
  insert into private.budgets (kind, subject, whole_at) values (${kind}, ${subject}, now() + interval '30 days') on conflict (kind, subject) do update set whole_at = excluded.whole_at`

afterEach(() => database()`delete from private.budgets where whole_at > now() + interval '1 day'`)

function expectTooMany(answer: Answer, what: string): void {
  const { message } = expectError(answer, 429, 'rate_limited')
  expect(message).toMatch(new RegExp(`^Too many ${what}; try again in \\d+ (second|minute|hour)s?$`))
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(answer.headers.get('ratelimit-remaining')).toBe('0')
  expect(Number(answer.headers.get('ratelimit-limit'))).toBeGreaterThan(0)
  expect(Number(answer.headers.get('ratelimit-reset'))).toBeGreaterThan(0)
  expect(answer.headers.get('ratelimit-policy')).toMatch(/^\d+;w=\d+(;burst=\d+)?$/)
}

const ticket = { subject: 'One too many', description: 'It is not kept' }

describe('an exhausted budget', () => {
  test('an exhausted budget of changes refuses every change of its person, and neither reads nor changes of others', async () => {
    const team = await newTeam()
    const before = await readTeamRows(team.id)
    await exhaust('write', `person:${bob.id}`)
    for (const [method, path, body] of [
      ['POST', '/tickets', ticket],
      ['PATCH', `/tickets/${team.tickets.bobs}`, { priority: 'high' }],
      ['DELETE', `/tickets/${team.tickets.bobs}`, undefined],
      ['PUT', `/tickets/${team.tickets.bobs}/claim`, undefined],
      ['POST', '/tickets/bulk', { ticket_ids: [team.tickets.bobs], changes: { priority: 'high' } }]
    ] as const)
      expectTooMany(await api(bob, method, `/teams/${team.id}${path}`, body), 'changes')
    expectTooMany(await api(bob, 'PATCH', '/profile', { full_name: 'Bobby' }), 'changes')
    expect(await readTeamRows(team.id)).toBe(before)
    expect((await api(bob, 'GET', `/teams/${team.id}/tickets`)).status).toBe(200)
    expect(
      (await api(ann, 'PATCH', `/teams/${team.id}/tickets/${team.tickets.bobs}`, { priority: 'high' })).status,
      'other people may still change'
    ).toBe(200)
  })

  test.each([
    ['create', 'tickets and replies', 'POST', '/tickets', ticket],
    ['search', 'searches', 'GET', '/search?q=vpn', undefined],
    ['search', 'searches', 'GET', '/tickets?q=vpn', undefined],
    ['search', 'searches', 'GET', '/tickets/counts?q=vpn', undefined],
    ['report', 'reports', 'GET', '/analytics/summary?window=14', undefined],
    ['report', 'reports', 'GET', '/analytics/sla', undefined],
    ['export', 'downloads', 'GET', '/analytics/report.csv?table=per_agent&window=14', undefined],
    ['export', 'downloads', 'GET', '/export/tickets.csv', undefined],
    ['export', 'downloads', 'GET', '/export/audit.csv', undefined],
    ['invite', 'invitations', 'POST', '/invitations', { email: 'nobody@acme.test', role: 'member' }],
    ['invite', 'invitations', 'POST', '/invitations/<invitation>/resend', undefined],
    ['invite', 'invitations', 'PUT', '/reply-address', { email: 'help@acme.test' }],
    ['call', 'calls to webhooks', 'POST', '/webhooks/<webhook>/test', undefined],
    ['call', 'calls to webhooks', 'POST', '/webhooks/<webhook>/deliveries/<delivery>/redeliver', undefined],
    ['create', 'tickets and replies', 'POST', '/tickets/<ticket>/replies', { content: 'One too many' }]
  ])('an exhausted budget "%s" refuses %s: %s %s', async (kind, what, method, route, body) => {
    const team = await newTeam()
    const ids: Record<string, string> = {
      invitation: team.invitation,
      webhook: team.webhook,
      delivery: team.delivery,
      ticket: team.tickets.bobs
    }
    const path = route.replace(/<(\w+)>/g, (_, name: string) => ids[name]!)
    await exhaust(kind, `person:${ann.id}`)
    const before = await readTeamRows(team.id)
    expectTooMany(await api(ann, method, `/teams/${team.id}${path}`, body), what)
    expect(await readTeamRows(team.id)).toBe(before)
  })

  test('an exhausted budget of new teams refuses a new team', async () => {
    await exhaust('team', `person:${ivan.id}`)
    const name = `Team ${randomUUID()}`
    expectTooMany(await api(ivan, 'POST', '/teams', { name }), 'new teams')
    expect(await database()`select from teams where name = ${name}`).toHaveLength(0)
  })

  test("a team's exhausted budget refuses its people and keys, and people outside the team do not spend from it", async () => {
    const team = await newTeam()
    const key = await createKey(team, bob, ['read', 'write'])
    await exhaust('write', `team:${team.id}`)
    expectTooMany(await api(bob, 'POST', `/teams/${team.id}/tickets`, ticket), 'changes')
    expectTooMany(await apiWithKey(key, 'POST', `/teams/${team.id}/tickets`, ticket), 'changes')
    expectTooMany(await apiWithKey(key, 'POST', '/v1/tickets', ticket), 'changes')
    expectError(await api(ivan, 'POST', `/teams/${team.id}/tickets`, ticket), 404)
    const other = await newTeam()
    await api(ivan, 'POST', `/teams/${other.id}/tickets`, ticket)
    expect(await database()`select from private.budgets where subject = ${`team:${other.id}`}`).toHaveLength(0)
    expect((await api(bob, 'POST', `/teams/${other.id}/tickets`, ticket)).status).toBe(201)
  })

  test('an API key has its own search budget, apart from other keys and from its member', async () => {
    const team = await newTeam()
    const [one, other] = [await createKey(team, bob, ['read']), await createKey(team, bob, ['read'])]
    const [{ id }] = await database()<[{ id: string }]>`select id from api_keys where prefix = ${one.slice(0, 11)}`
    await exhaust('search', `key:${id}`)
    expectTooMany(await apiWithKey(one, 'GET', `/teams/${team.id}/search?q=vpn`), 'searches')
    expect((await apiWithKey(other, 'GET', `/teams/${team.id}/search?q=vpn`)).status).toBe(200)
    expect((await api(bob, 'GET', `/teams/${team.id}/search?q=vpn`)).status).toBe(200)
  })

  test('an exhausted create budget of an API key refuses new tickets and replies, and allows changes', async () => {
    const team = await newTeam()
    const [one, other] = [await createKey(team, bob, ['read', 'write']), await createKey(team, bob, ['read', 'write'])]
    const [{ id }] = await database()<[{ id: string }]>`select id from api_keys where prefix = ${one.slice(0, 11)}`
    expect((await apiWithKey(one, 'GET', `/teams/${team.id}/tickets`)).status).toBe(200) // sets last_used_at, which is written once a minute
    await exhaust('create', `key:${id}`)
    const before = await readTeamRows(team.id)
    for (const base of [`/teams/${team.id}`, '/v1']) {
      expectTooMany(await apiWithKey(one, 'POST', `${base}/tickets`, ticket), 'tickets and replies')
      expectTooMany(await apiWithKey(one, 'POST', `${base}/tickets/${team.tickets.bobs}/replies`, { content: 'x' }), 'tickets and replies')
    }
    expect(await readTeamRows(team.id)).toBe(before)
    expect(
      (await apiWithKey(one, 'PATCH', `/teams/${team.id}/tickets/${team.tickets.bobs}`, { priority: 'high' })).status,
      'the key may still change'
    ).toBe(200)
    expect((await apiWithKey(other, 'POST', `/teams/${team.id}/tickets`, ticket)).status).toBe(201)
    expect((await api(bob, 'POST', `/teams/${team.id}/tickets`, ticket)).status).toBe(201)
  })

  test('an exhausted rating budget of a network refuses anonymous ratings', async () => {
    await exhaust('rate', 'address:127.0.0.1')
    expectTooMany(await api(null, 'POST', `/ratings/${'r'.repeat(43)}`, { score: 5 }), 'ratings')
    expectTooMany(
      await api(null, 'POST', `/ratings/${'r'.repeat(43)}`, { score: 5 }, { headers: { 'x-forwarded-for': '192.0.2.7' } }),
      'ratings'
    )
  })

  test.each(['/reply-address', '/unsubscribe'])('an exhausted link budget of a network refuses links from mails: %s', async path => {
    await exhaust('link', 'address:127.0.0.1')
    expectTooMany(await api(null, 'POST', `${path}/${'r'.repeat(43)}`, {}), 'requests with mail links')
  })

  test('behind a trusted proxy a budget belongs to the last address of X-Forwarded-For, not to the first', async () => {
    await exhaust('rate', 'address:192.0.2.7')
    await exhaust('rate', 'address:2001:db8:0:1')
    const rate = async (forwardedFor: string, from = '127.0.0.66') =>
      (
        await rawRequest(
          'POST',
          `/api/ratings/${'r'.repeat(43)}`,
          { 'x-forwarded-for': forwardedFor, 'content-type': 'application/json' },
          from
        )
      ).status
    for (const refused of ['192.0.2.7', '192.0.2.8, 192.0.2.7', 'nonsense, 192.0.2.7', '2001:db8:0:1::5', '2001:db8:0:1:ffff::6'])
      expect(await rate(refused), refused).toBe(429)
    for (const counted of ['192.0.2.8', '192.0.2.7, 192.0.2.9', '2001:db8:0:2::5']) expect(await rate(counted), counted).toBe(400)
    expect(await rate('192.0.2.7', '127.0.0.67'), 'an untrusted proxy').toBe(400)
  })
})

test('a change that fails or is refused still spends from the budget', async () => {
  const team = await newTeam()
  const spent = async () =>
    (
      await database()<{ whole_at: Date }[]>`select whole_at from private.budgets where kind = 'write' and subject = ${`person:${vera.id}`}`
    )[0]?.whole_at.getTime() ?? 0
  let before = await spent()
  for (const [method, path, body, status] of [
    ['POST', '/tickets', { subject: '' }, 403],
    ['PATCH', `/tickets/${randomUUID()}`, { subject: 'x' }, /403|404/],
    ['DELETE', `/tickets/${team.tickets.bobs}`, undefined, 403]
  ] as const) {
    expectError(await api(vera, method, `/teams/${team.id}${path}`, body), status)
    const after = await spent()
    expect(after, `${method} ${path}`).toBeGreaterThan(before)
    before = after
  }
})

test('every answer to a person states what is left of the budget', async () => {
  const team = await newTeam()
  const read = await api(bob, 'GET', `/teams/${team.id}/tickets`)
  expect(read.headers.get('ratelimit-policy')).toBe('2000;w=100')
  expect(Number(read.headers.get('ratelimit-remaining'))).toBeGreaterThan(0)
  const write = await api(bob, 'POST', `/teams/${team.id}/tickets`, ticket)
  expect(write.headers.get('ratelimit-policy')).not.toBe('2000;w=100')
})

/** Runs `work` against another server whose budgets are a hundredth of the usual ones; `restore` resets the factor for other servers. */
async function withSmallBudgets(work: (siteUrl: string, restore: () => Promise<unknown>) => Promise<void>): Promise<void> {
  const [{ factor }] = await database()<[{ factor: number }]>`select factor from private.budget_settings`
  const restore = () => database()`update private.budget_settings set factor = ${factor}`
  const port = await freePort()
  const siteUrl = `http://127.0.0.1:${port}`
  const { supabaseUrl, publishableKey, secretKey, jwtSecret, databaseUrl } = product()
  // The server reads the factor once, when it first needs it.
  await database()`update private.budget_settings set factor = 0.01`
  const stop = await startProduct({
    port,
    siteUrl,
    serverLog: join(tmpdir(), `limits-${port}.log`),
    env: {
      SUPABASE_URL: supabaseUrl,
      SUPABASE_KEY: publishableKey,
      SUPABASE_SECRET_KEY: secretKey,
      SUPABASE_JWT_SECRET: jwtSecret,
      DATABASE_URL: databaseUrl,
      SMTP_URL: '',
      MAIL_FROM: 'x@localhost'
    }
  })
  try {
    await work(siteUrl, restore)
  } finally {
    await restore()
    await stop()
  }
}

describe('pages', () => {
  test('requests for pages and the API requests of their rendering are limited per network', () =>
    withSmallBudgets(async siteUrl => {
      const page = (localAddress: string) =>
        new Promise<{ status: number; text: string }>((resolve, reject) => {
          httpRequest(`${siteUrl}/rate/${'r'.repeat(43)}`, { localAddress, headers: { accept: 'text/html' } }, response =>
            text(response).then(text => resolve({ status: response.statusCode!, text }), reject)
          )
            .on('error', reject)
            .end()
        })
      // Ten requests from one address would exceed the budget of that address.
      const networks = Array.from({ length: 12 }, (_, index) => `127.0.0.${71 + index}`)
      for (const network of networks) expect((await page(network)).text, network).not.toContain('a lot at once')
      expect(await page(networks.at(-1)!)).toMatchObject({
        status: 429,
        text: expect.stringContaining('<p>Try again in a minute.</p>') as string
      })
    }))
})

describe('unknown API keys', () => {
  test('guessed API keys are limited per network without a query, and a known key still works', () =>
    withSmallBudgets(async (siteUrl, restore) => {
      const team = await newTeam()
      const key = await createKey(team, bob, ['read'])
      const get = (sent: string) => fetch(`${siteUrl}/api/teams/${team.id}`, { headers: { 'x-api-key': sent } })
      const guess = () => get(`sk_${randomUUID().replaceAll('-', '').padEnd(43, 'x')}`)
      expect((await get(key)).status).toBe(200)
      await restore()
      for (let guesses = 0; guesses < 4; guesses++) expect((await guess()).status).toBe(401)
      await database().begin(async sql => {
        await sql`lock table api_keys in access exclusive mode`
        const refused = await guess()
        expect(await refused.json()).toMatchObject({ statusCode: 429, data: { code: 'rate_limited' } })
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      })
      expect((await get(key)).status, 'a key that was used before').toBe(200)
    }))
})

describe('large answers', () => {
  test('large answers are limited by their bytes for each person and each key, and the next read answers 429', () =>
    withSmallBudgets(async (siteUrl, restore) => {
      const team = await newTeam()
      await database()`insert into tickets (team_id, subject, description, created_by) select ${team.id}, 'Long', repeat('x', 20000), ${bob.id} from generate_series(1, 6)`
      const get = async (authorization: string, path = 'tickets') =>
        fetch(`${siteUrl}/api/teams/${team.id}/${path}`, {
          headers: authorization.startsWith('sk_') ? { 'x-api-key': authorization } : { authorization }
        })
      const [ofBob, ofAnn, ofKey] = [`Bearer ${await signIn(bob)}`, `Bearer ${await signIn(ann)}`, await createKey(team, bob, ['read'])]
      const first = await get(ofBob)
      await restore()
      expect([first.status, ((await first.json()) as unknown[]).length]).toEqual([200, 10])
      const refused = await get(ofBob, 'tickets/counts')
      expect(await refused.json()).toMatchObject({
        statusCode: 429,
        message: expect.stringMatching(/^Too many large answers; try again in \d+ seconds?$/) as string,
        data: { code: 'rate_limited' }
      })
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(refused.headers.get('ratelimit-policy')).toBe('10000000;w=10')
      expect((await get(ofAnn)).status, 'another person').toBe(200)
      expect((await get(ofKey)).status, 'a key').toBe(200)
      expect((await get(ofKey)).status, 'the same key again').toBe(429)
    }))
})

describe('plain reads', () => {
  test('plain reads are limited for each person, and reads beyond the limit answer 429', () =>
    withSmallBudgets(async (siteUrl, restore) => {
      const team = await newTeam()
      const get = async (person: { email: string }) =>
        fetch(`${siteUrl}/api/teams/${team.id}/tickets/counts`, { headers: { authorization: `Bearer ${await signIn(person)}` } })
      const first = await get(bob)
      await restore()
      expect([first.status, first.headers.get('ratelimit-remaining')]).toEqual([200, '19'])
      const answers = await Promise.all(Array.from({ length: 30 }, () => get(bob)))
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(19)
      const refused = answers.find(({ status }) => status === 429)!
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(await refused.json()).toMatchObject({ statusCode: 429, data: { code: 'rate_limited' } })
      expect((await get(ann)).status, 'another person from the same address').toBe(200)
    }))
})
