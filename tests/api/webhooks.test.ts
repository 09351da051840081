import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { Webhook as Verifier } from 'standardwebhooks'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { CursorPage, Reply, Ticket, Webhook, WebhookDelivery, WebhookDeliveryDetail, WebhookWithSecret } from '#shared/types/api'
import type { TicketEvent } from '#shared/schemas/event'
import { api, readTeamRows, database, expectError, newTeam } from '../support/api.ts'
import { product } from '../support/own-product.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, adam, ann, bob, initech, ivan, unknownId } from '../support/world.ts'

describeRouteRights('webhooks')

interface Received {
  headers: IncomingMessage['headers']
  body: string
}
interface Body {
  id: string
  type: string
  team_id: string
  created_at: string
  data: { ticket: Ticket; from: unknown; to: unknown; actor: { id: string; name: string } | null; reply?: Reply }
}

const path = (team: { id: string }) => `/teams/${team.id}/webhooks`
const ports = [...product().receiverPorts]

/** Starts a server on a port that the product may call. `answer` gets how often this webhook-id has arrived. */
async function startReceiver(
  answer: (response: ServerResponse, time: number, request: Received) => unknown = response => response.end('thanks')
) {
  const port = ports.pop()
  if (!port) throw new Error('No port is left')
  const received: Received[] = []
  const sockets = new Set<Socket>()
  const server = createServer(async (request, response) => {
    const one = { headers: request.headers, body: (await buffer(request)).toString() }
    received.push(one)
    answer(response, received.filter(({ headers }) => headers['webhook-id'] === request.headers['webhook-id']).length, one)
  })
  server.on('connection', socket => sockets.add(socket))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
    ports.push(port)
  })
  return {
    url: `http://127.0.0.1:${port}/hook?key=in-the-address`,
    received,
    bodies: () => received.map(({ body }) => JSON.parse(body) as Body)
  }
}

const create = async (
  team: { id: string },
  url: string,
  events = ['ticket.created', 'ticket.status_changed', 'ticket.assigned', 'comment.created'],
  more = {}
) => {
  const { status, body } = await api<WebhookWithSecret>(ann, 'POST', path(team), { name: 'Receiver', url, events, ...more })
  expect(status, JSON.stringify(body)).toBe(201)
  return body
}
const listDeliveries = async (team: { id: string }, id: string, query = '') =>
  (await api<CursorPage<WebhookDelivery>>(adam, 'GET', `${path(team)}/${id}/deliveries${query}`)).body
const waitForDeliveries = (team: { id: string }, id: string, count: number, state = 'delivered') =>
  vi.waitFor(
    async () => {
      const { data } = await listDeliveries(team, id)
      expect(data.map(one => one.state)).toEqual(Array(count).fill(state))
      return data
    },
    { timeout: 15_000, interval: 50 }
  )

describe('a webhook', () => {
  test('the secret of a webhook is shown when it is created or rotated, and never again', async () => {
    const team = await newTeam()
    const { url } = await startReceiver()
    const { secret, ...webhook } = await create(team, url)
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(webhook).toEqual({
      id: expect.any(String) as string,
      name: 'Receiver',
      url,
      events: ['ticket.created', 'ticket.status_changed', 'ticket.assigned', 'reply.created'],
      is_active: true,
      disabled_at: null,
      disabled_reason: null,
      failing_since: null,
      created_by: { id: ann.id, full_name: ann.name, avatar_url: null },
      created_at: expect.any(String) as string,
      updated_at: expect.any(String) as string,
      last_delivery: null
    })
    await api(bob, 'POST', `/teams/${team.id}/tickets`, { subject: 'New', description: 'New' })
    const [delivery] = await waitForDeliveries(team, webhook.id, 1)
    const rotated = (await api<WebhookWithSecret>(ann, 'POST', `${path(team)}/${webhook.id}/rotate-secret`)).body
    expect(rotated.secret).not.toBe(secret)
    const answers = await Promise.all(
      ['', `/${webhook.id}/deliveries`, `/${webhook.id}/deliveries/${delivery!.id}`].map(rest => api(ann, 'GET', path(team) + rest))
    )
    const audit = await api(ann, 'GET', `/teams/${team.id}/audit`)
    const patched = await api(ann, 'PATCH', `${path(team)}/${webhook.id}`, { name: 'Other' })
    const seen =
      JSON.stringify([answers, audit, patched].flat().map(({ body }) => body as unknown)) + readFileSync(product().serverLog, 'utf8')
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    for (const kept of [secret, secret.slice(6), rotated.secret, rotated.secret.slice(6)]) expect(seen).not.toContain(kept)
    expect(JSON.stringify(audit.body)).not.toContain('in-the-address')
    expect((audit.body as TicketEvent[]).filter(({ type }) => type.startsWith('webhook.')).map(({ type }) => type)).toEqual([
      'webhook.secret_rotated',
      'webhook.created',
      'webhook.created'
    ])
  })

  test('a webhook signs with a secret that the caller chose', async () => {
    const team = await newTeam()
    const { url, received } = await startReceiver()
    const { secret } = await create(team, url, ['ticket.created'], { secret: 'a-secret-of-mine' })
    expect(secret).toBe('a-secret-of-mine')
    await api(bob, 'POST', `/teams/${team.id}/tickets`, { subject: 'New', description: 'New' })
    await vi.waitFor(() => expect(received).toHaveLength(1), { timeout: 10_000 })
    new Verifier(secret, { format: 'raw' }).verify(received[0]!.body, received[0]!.headers as Record<string, string>)
  })

  test("another team's webhook and its deliveries answer 404, as unknown ones do", async () => {
    const before = await readTeamRows(initech.id)
    const calls = (id: string, delivery: string) =>
      [
        ['PATCH', `/${id}`, { name: 'x' }],
        ['PATCH', `/${id}`, {}],
        ['DELETE', `/${id}`],
        ['POST', `/${id}/rotate-secret`],
        ['POST', `/${id}/test`],
        ['GET', `/${id}/deliveries`],
        ['GET', `/${id}/deliveries/${delivery}`],
        ['POST', `/${id}/deliveries/${delivery}/redeliver`]
      ] as const
    for (const [index, [method, rest, body]] of calls(initech.webhook, initech.delivery).entries()) {
      const foreign = await api(ann, method, path(acme) + rest, body)
      expectError(foreign, 404, 'not_found')
      expect((await api(ann, method, path(acme) + calls(unknownId, unknownId)[index]![1], body)).body).toEqual(foreign.body)
      expectError(await api(ann, method, path(initech) + rest, body), 404, 'not_found')
    }
    for (const [webhook, delivery] of [
      [acme.webhook, initech.delivery],
      [unknownId, acme.delivery]
    ])
      expectError(await api(ann, 'GET', `${path(acme)}/${webhook}/deliveries/${delivery}`), 404, 'not_found')
    expectError(await api(ivan, 'PATCH', `${path(initech)}/${initech.webhook}`, { team_id: acme.id }), 400, 'invalid')
    expect(await readTeamRows(initech.id)).toBe(before)
  })

  test('a team has at most 20 webhooks', async () => {
    const team = await newTeam()
    const answers = []
    for (let number = 0; number < 20; number++)
      answers.push((await api(ann, 'POST', path(team), { name: 'One', url: 'https://93.184.215.14/', events: ['ticket.created'] })).status)
    expect(answers).toEqual([...Array<number>(19).fill(201), 422])
  })
})

describe('the URL of a webhook', () => {
  const refused: [rule: string, urls: string[]][] = [
    [
      'scheme',
      [
        'file:///etc/passwd',
        'gopher://127.0.0.1:6379/_x',
        'ftp://example.com/',
        'data:text/html,x',
        'javascript:alert(1)',
        'blob:https://example.com/x',
        'ws://example.com/'
      ]
    ],
    [
      'private_address',
      [
        ...[
          '127.0.0.1',
          '127.1',
          '2130706433',
          '0x7f000001',
          '0177.0.0.1',
          '017700000001',
          '0',
          '①②⑦.⓪.⓪.①',
          '127。0。0。1',
          '%31%32%37.0.0.1',
          '127.0.0.1\u00ad',
          '127.0.0.1.',
          '[::1]',
          '[::]',
          '[::ffff:127.0.0.1]',
          '[::ffff:a9fe:a9fe]',
          '[64:ff9b::7f00:1]',
          '[2002:7f00:1::]',
          '[fd00:ec2::254]',
          '[fe80::1]',
          '10.0.0.1',
          '172.16.0.1',
          '192.168.0.1',
          '100.64.0.1',
          '169.254.169.254',
          '192.0.0.1',
          '198.18.0.1',
          '224.0.0.1',
          '240.0.0.1',
          '3232235777',
          '100.100.100.200'
        ].map(host => `http://${host}/`),
        'http://127.0.0.1#@ok.example',
        'http://127.0.0.1:22/',
        'http://127.0.0.1:5432/',
        product().baseUrl,
        product().supabaseUrl
      ]
    ],
    [
      'private_name',
      ['http://localhost/', 'http://localhost./', 'http://foo.localhost/', 'http://metadata.google.internal/', 'http://metadata/']
    ],
    ['credentials', ['http://ok.example@127.0.0.1', 'https://user:password@example.com/', 'https://user@example.com/']],
    [
      'malformed',
      [
        'http://ok.example\\@127.0.0.1',
        'http:127.0.0.1',
        'http://127.0\t.0.1/',
        'http://127.0\n.0.1/',
        'example.com',
        '//example.com/',
        'https://'
      ]
    ],
    [
      'port',
      [
        'https://example.com:22/',
        'https://example.com:25/',
        'https://example.com:5432/',
        'https://example.com:6379/',
        'https://93.184.215.14:8080/'
      ]
    ]
  ]

  test.each(refused)('a URL is refused by the rule "%s" when it is added and when it is changed', async (rule, urls) => {
    const team = await newTeam()
    const before = await readTeamRows(team.id)
    for (const url of urls) {
      for (const [method, address, body] of [
        ['POST', path(team), { name: 'x', url, events: ['ticket.created'] }],
        ['PATCH', `${path(team)}/${team.webhook}`, { url }]
      ] as const) {
        const error = expectError(await api(ann, method, address, body), 422, 'url_refused')
        expect(error.data, url).toMatchObject({ rule, issues: [{ path: 'url', message: error.message }] })
      }
    }
    expect(await readTeamRows(team.id)).toBe(before)
  })

  test('a URL may have a host that does not resolve yet, and it is stored in its normalised form', async () => {
    const team = await newTeam()
    expect((await create(team, ' HTTPS://Hooks.Elsewhere.TEST:443/a?b=c#d ')).url).toBe('https://hooks.elsewhere.test/a?b=c')
  })

  test('the length of a URL is limited in its encoded form', async () => {
    const team = await newTeam()
    const answer = await api(ann, 'POST', path(team), {
      name: 'x',
      url: `https://hooks.elsewhere.test/${'é'.repeat(700)}`,
      events: ['ticket.created']
    })
    expect(expectError(answer, 400, 'invalid').data.issues).toEqual([
      { path: 'url', message: 'URL must be at most 2000 characters when it is encoded' }
    ])
  })

  test('the address of a URL is checked at each attempt, and a private address gets no connection', async () => {
    const team = await newTeam()
    let packets = 0
    const hidden = createServer((_, response) => response.end())
      .on('connection', () => packets++)
      .listen(0, '127.0.0.1')
    await once(hidden, 'listening')
    onTestFinished(() => void hidden.close())
    const { port } = hidden.address() as { port: number }
    const { id } = await create(team, 'https://hooks.elsewhere.test/')
    for (const url of [`http://127.0.0.1:${port}/`, `http://localhost:${port}/`, `http://[::ffff:127.0.0.1]:${port}/`]) {
      await database()`update public.webhooks set url = ${url} where id = ${id}`
      const { body: ping } = await api<WebhookDeliveryDetail>(ann, 'POST', `${path(team)}/${id}/test`)
      await vi.waitFor(
        async () =>
          expect((await api<WebhookDeliveryDetail>(ann, 'GET', `${path(team)}/${id}/deliveries/${ping.id}`)).body).toMatchObject({
            last_error: 'private_address',
            last_status: null
          }),
        { timeout: 10_000 }
      )
    }
    // Nor does an address that a redirect points to.
    const { url, received } = await startReceiver(response => response.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end())
    await api(ann, 'PATCH', `${path(team)}/${id}`, { url })
    const { body: ping } = await api<WebhookDeliveryDetail>(ann, 'POST', `${path(team)}/${id}/test`)
    await vi.waitFor(
      async () =>
        expect((await api<WebhookDeliveryDetail>(ann, 'GET', `${path(team)}/${id}/deliveries/${ping.id}`)).body).toMatchObject({
          last_error: 'redirect',
          last_status: 302
        }),
      { timeout: 10_000 }
    )
    expect(received.length).toBeGreaterThan(0)
    expect(packets).toBe(0)
    await api(ann, 'DELETE', `${path(team)}/${id}`)
  })
})

describe('webhook deliveries', () => {
  test('an event of a ticket is delivered to the webhooks that subscribe to it, signed, within seconds', async () => {
    const team = await newTeam()
    const { url, received, bodies } = await startReceiver()
    const { id, secret } = await create(team, url)
    const { body: ticket } = await api<Ticket>(bob, 'POST', `/teams/${team.id}/tickets`, {
      subject: 'VPN drops',
      description: 'Every hour'
    })
    await vi.waitFor(() => expect(received).toHaveLength(1), { timeout: 3_000, interval: 10 })
    await api(bob, 'PATCH', `/teams/${team.id}/tickets/${ticket.id}`, { status: 'waiting', priority: 'high' })
    await vi.waitFor(() => expect(received).toHaveLength(2), { timeout: 3_000, interval: 10 })
    await api(ann, 'POST', `/teams/${team.id}/tickets/${ticket.id}/replies`, { content: 'Our firewall ✓', is_internal: true })
    await vi.waitFor(() => expect(received).toHaveLength(3), { timeout: 3_000, interval: 10 })
    const [created, changed, replied] = bodies()
    expect([created!.type, changed!.type, replied!.type]).toEqual(['ticket.created', 'ticket.status_changed', 'reply.created'])
    expect(created).toMatchObject({
      team_id: team.id,
      data: {
        ticket: { id: ticket.id, ticket_number: ticket.ticket_number, subject: 'VPN drops', excerpt: 'Every hour', format: 'text' },
        actor: { id: bob.id, name: bob.name }
      }
    })
    expect(changed!.data).toMatchObject({ from: 'open', to: 'waiting' })
    expect(replied!.data).toMatchObject({ reply: { content: 'Our firewall ✓', format: 'text', is_internal: true }, actor: { id: ann.id } })
    for (const { headers, body } of received) {
      new Verifier(secret).verify(body, headers as Record<string, string>)
      expect(headers['webhook-id']).toBe((JSON.parse(body) as Body).id)
    }
    const list = (await api<Webhook[]>(ann, 'GET', path(team))).body.find(one => one.id === id)!
    const deliveries = await waitForDeliveries(team, id, 3)
    expect(list.last_delivery!.type).toBe('reply.created')
    expect(
      deliveries.map(({ type, ticket_number, attempts, last_status, last_error }) => [
        type,
        ticket_number,
        attempts,
        last_status,
        last_error
      ])
    ).toEqual(['reply.created', 'ticket.status_changed', 'ticket.created'].map(type => [type, ticket.ticket_number, 1, 200, null]))
    const { body: detail } = await api<WebhookDeliveryDetail>(ann, 'GET', `${path(team)}/${id}/deliveries/${deliveries[2]!.id}`)
    expect(detail.payload).toBe(received[0]!.body)
    expect(detail.tries).toEqual([
      {
        number: 1,
        started_at: expect.any(String) as string,
        duration_ms: expect.any(Number) as number,
        status: 200,
        error: null,
        response: 'thanks'
      }
    ])
  })

  test('a delivery is retried until it succeeds and can be redelivered, always with the same id and body', async () => {
    const team = await newTeam()
    const { url, received } = await startReceiver((response, time) =>
      response.writeHead(time < 3 ? 503 : 200, { 'retry-after': '1' }).end(`No. ${time}`)
    )
    const { id } = await create(team, url, ['ticket.created'])
    await api(bob, 'POST', `/teams/${team.id}/tickets`, { subject: 'New', description: 'New' })
    const [delivery] = await waitForDeliveries(team, id, 1)
    expect(delivery).toMatchObject({ attempts: 3 })
    expectError(await api(bob, 'POST', `${path(team)}/${id}/deliveries/${delivery!.id}/redeliver`), 403)
    const again = await api<WebhookDeliveryDetail>(ann, 'POST', `${path(team)}/${id}/deliveries/${delivery!.id}/redeliver`)
    expect(again).toMatchObject({ status: 200, body: { id: delivery!.id, state: 'waiting' } })
    await vi.waitFor(() => expect(received).toHaveLength(4), { timeout: 5_000 })
    expect(new Set(received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([delivery!.id]))
    expect(new Set(received.map(({ body }) => body)).size).toBe(1)
    const { tries } = (await api<WebhookDeliveryDetail>(ann, 'GET', `${path(team)}/${id}/deliveries/${delivery!.id}`)).body
    expect(tries.slice(-3).map(({ number, status, error, response }) => [number, status, error, response])).toEqual([
      [3, 200, null, 'No. 3'],
      [2, 503, 'status', 'No. 2'],
      [1, 503, 'status', 'No. 1']
    ])
  })

  test('a delivery after a rotation is signed with both the old and the new secret', async () => {
    const team = await newTeam()
    const { url, received } = await startReceiver()
    const { id, secret } = await create(team, url, ['ticket.created'])
    const { body: rotated } = await api<WebhookWithSecret>(ann, 'POST', `${path(team)}/${id}/rotate-secret`)
    await api(ann, 'POST', `${path(team)}/${id}/test`)
    await vi.waitFor(() => expect(received).toHaveLength(1), { timeout: 5_000 })
    for (const one of [secret, rotated.secret])
      expect(new Verifier(one).verify(received[0]!.body, received[0]!.headers as Record<string, string>)).toMatchObject({
        type: 'ping',
        data: { webhook: { id, name: 'Receiver' } }
      })
    expect(received[0]!.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/)
  })

  test('a webhook whose URL answers 410 is switched off until somebody switches it on again', async () => {
    const team = await newTeam()
    const { url, received } = await startReceiver((response, _, { body }) => response.writeHead(body.includes('"ping"') ? 410 : 200).end())
    const { id } = await create(team, url, ['ticket.created'])
    const { body: ping } = await api<WebhookDeliveryDetail>(ann, 'POST', `${path(team)}/${id}/test`)
    const state = async () => (await api<Webhook[]>(ann, 'GET', path(team))).body.find(one => one.id === id)!
    await vi.waitFor(
      async () =>
        expect(await state()).toMatchObject({
          is_active: false,
          disabled_reason: 'gone',
          last_delivery: { state: 'failed', last_status: 410 }
        }),
      { timeout: 5_000 }
    )
    await api(bob, 'POST', `/teams/${team.id}/tickets`, { subject: 'While off', description: 'x' })
    expectError(await api(ann, 'POST', `${path(team)}/${id}/test`), 409, 'switched_off')
    expectError(await api(ann, 'POST', `${path(team)}/${id}/deliveries/${ping.id}/redeliver`), 409, 'switched_off')
    const events = (await api<TicketEvent[]>(ann, 'GET', `/teams/${team.id}/audit?type=webhook.disabled`)).body
    expect(events).toMatchObject([
      { type: 'webhook.disabled', actor: null, channel: 'job', to: { id, name: 'Receiver', reason: 'Its address answered 410 Gone' } }
    ])
    expect((await api(ann, 'PATCH', `${path(team)}/${id}`, { is_active: true })).body).toMatchObject({
      is_active: true,
      disabled_at: null,
      disabled_reason: null,
      failing_since: null
    })
    await api(bob, 'POST', `/teams/${team.id}/tickets`, { subject: 'While on', description: 'x' })
    await vi.waitFor(() => expect(received).toHaveLength(2), { timeout: 5_000 })
    expect(received[1]!.body).toContain('"While on"')
  })

  test('an event is delivered only to webhooks of its own team', async () => {
    const [mine, foreign] = [await newTeam(), await newTeam('Other')]
    const { url, received } = await startReceiver()
    const { id } = await create(mine, url)
    await api(bob, 'POST', `/teams/${foreign.id}/tickets`, { subject: 'Theirs', description: 'x' })
    await api(bob, 'POST', `/teams/${mine.id}/tickets`, { subject: 'Mine', description: 'x' })
    await waitForDeliveries(mine, id, 1)
    expect(received.map(({ body }) => (JSON.parse(body) as Body).team_id)).toEqual([mine.id])
  })
})

describe('the deliveries of a webhook', () => {
  test('deliveries are listed newest first, in pages by cursor, and can be filtered by state', async () => {
    const team = await newTeam()
    const { id } = await create(team, 'https://hooks.elsewhere.test/')
    await database()`insert into public.webhook_deliveries (team_id, webhook_id, type, payload_id, state, next_attempt_at, created_at) select ${team.id}, ${id}, 'ping', (select max(payload.id) from public.webhook_payloads as payload where payload.team_id = ${team.id}), case when n % 2 = 0 then 'failed' else 'delivered' end, null, now() - make_interval(secs => n / 3) from generate_series(1, 12) as n`
    const walked: WebhookDelivery[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: CursorPage<WebhookDelivery> = await listDeliveries(team, id, `?page_size=5&cursor=${cursor}`)
      walked.push(...page.data)
      cursor = page.next_cursor
    }
    expect(walked.map(one => one.id)).toEqual((await listDeliveries(team, id)).data.map(one => one.id))
    expect(new Set(walked.map(one => one.id)).size).toBe(12)
    expect((await listDeliveries(team, id, '?state=failed')).data).toHaveLength(6)
    for (const time of ['0000-01-01T00:00:00Z', '2026-02-30T00:00:00Z', '2026-01-01T24:00:00Z']) {
      const error = expectError(
        await api(
          ann,
          'GET',
          `${path(team)}/${id}/deliveries?cursor=${Buffer.from(JSON.stringify([time, team.id])).toString('base64url')}`
        ),
        400,
        'invalid'
      )
      expect(error.data.issues).toEqual([{ path: 'cursor', message: 'Not a cursor of this list' }])
    }
    for (const query of [
      '?cursor=x',
      `?cursor=${Buffer.from(JSON.stringify(['2026-01-01T00:00:00Z', 'x'])).toString('base64url')}`,
      '?state=lost',
      '?page_size=0',
      '?page=0',
      '?page=1&cursor='
    ])
      expectError(await api(ann, 'GET', `${path(team)}/${id}/deliveries${query}`), 400, 'invalid')
  })
})
