import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { isEmbedded, startBackend } from './support/backend.ts'
import type { Backend } from './support/backend.ts'
import { collectBroadcasts, closeClients, join, listen, openClient, subscribe } from './support/client.ts'
import { Collector } from './support/collector.ts'
import { sign } from './support/people.ts'
import { closeRawSockets, openRaw, userBroadcastPush } from './support/raw-socket.ts'
import type { ArrayFrame } from './support/raw-socket.ts'
import { createTable, dropTables, uniqueName } from './support/tables.ts'

let backend: Backend

beforeAll(async () => {
  backend = await startBackend()
}, 60_000)

afterEach(async () => {
  await closeClients()
  closeRawSockets()
})

afterAll(async () => {
  await dropTables(backend)
  await backend.stop()
})

describe('realtime connection', () => {
  test('1. a client with an anonymous token is subscribed within 5 s over protocol 2.0.0', async () => {
    const client = await openClient(backend, { key: isEmbedded ? await sign(backend, { role: 'anon' }) : backend.key })
    const started = performance.now()
    await join(client.channel(uniqueName()))
    expect(performance.now() - started).toBeLessThan(5_000)
    const endpoint = new URL(client.realtime.endpointURL())
    expect(endpoint.pathname).toMatch(/\/realtime\/v1\/websocket$/)
    expect(endpoint.searchParams.get('vsn')).toBe('2.0.0')
  })

  test('2. a frame of protocol 1.0.0 has exactly topic, event, payload and ref', async () => {
    const client = await openClient(backend, { realtime: { vsn: '1.0.0' } })
    await join(client.channel(uniqueName()))
    const raw = await openRaw(backend, { version: '1.0.0' })
    const topic = `realtime:${uniqueName()}`
    raw.send({ topic, event: 'phx_join', payload: { config: {} }, ref: '1', join_ref: '1' })
    raw.send({ topic: 'phoenix', event: 'heartbeat', payload: {}, ref: '2' })
    const frames = await raw.frames.take(2)
    for (const frame of frames) expect(Object.keys(frame).sort()).toEqual(['event', 'payload', 'ref', 'topic'])
    expect(frames).toContainEqual({ topic, event: 'phx_reply', payload: { status: 'ok', response: { postgres_changes: [] } }, ref: '1' })
  })

  test('3. a client with the publishable key can join a channel', async () => {
    expect(backend.key).toMatch(isEmbedded ? /^sb_publishable_/ : /./)
    await join((await openClient(backend)).channel(uniqueName()))
  })

  test('4. a missing, forged, expired or malformed key, or one without a role, gets 401 with the reason', async () => {
    const refused: [key: string, error: string][] = [
      ['', 'API key is missing'],
      [await sign(backend, { role: 'anon' }, 'another secret, long enough for HS256 to take'), 'Failed to validate JWT signature'],
      [await sign(backend, { role: 'anon', exp: 1_000_000_000 }), 'Token has expired'],
      [await sign(backend, {}), 'Fields `role` and `exp` are required in JWT'],
      ['nonsense', 'The token provided is not a valid JWT']
    ]
    for (const [key, error] of isEmbedded ? refused : refused.slice(1, 2)) {
      const { status, body } = await upgrade(key)
      expect(status).toBe(401)
      if (isEmbedded) expect(JSON.parse(body)).toEqual({ error })
    }
    const client = await openClient(backend, {
      key: await sign(backend, { role: 'anon' }, 'another secret, long enough for HS256 to take')
    })
    const joined = subscribe(client.channel(uniqueName()))
    expect((await joined.statuses.take(1))[0]?.status).toBe('CHANNEL_ERROR')
    expect(joined.statuses.items.map(({ status }) => status)).not.toContain('SUBSCRIBED')
  })

  test('5. the server answers heartbeats, and the client measures their latency', async () => {
    const beats = new Collector<{ status: string; latency: number | undefined }>()
    const client = await openClient(backend, {
      realtime: { heartbeatIntervalMs: 300, heartbeatCallback: (status, latency) => beats.push({ status, latency }) }
    })
    await join(client.channel(uniqueName()))
    await beats.until(items => items.filter(({ status }) => status === 'ok').length >= 3, 5_000)
    expect(beats.items.filter(({ status }) => status === 'sent').length).toBeGreaterThanOrEqual(3)
    expect(beats.items.filter(({ status }) => status === 'ok').every(({ latency }) => typeof latency === 'number')).toBe(true)
    expect(client.realtime.isConnected()).toBe(true)
  })

  test('6. a connection survives malformed frames', async () => {
    const raw = await openRaw(backend)
    raw.send('garbage')
    raw.send({ topic: 'phoenix', event: 'heartbeat', payload: {}, ref: '1' })
    raw.send(
      userBroadcastPush({ joinRef: '1', ref: '2', topic: 'realtime:x', event: 'y', payload: Buffer.from('{}'), isJson: true }).subarray(
        0,
        12
      )
    )
    raw.send([null, '9', 'phoenix', 'heartbeat', {}])
    const [reply] = await raw.frames.take(1)
    expect(reply).toEqual([null, '9', 'phoenix', 'phx_reply', { status: 'ok', response: {} }])
  })

  test('7. an event for a topic that was not joined is refused as unmatched; leaving it is accepted', async () => {
    const raw = await openRaw(backend)
    const topic = `realtime:${uniqueName()}`
    raw.send(['1', '2', topic, 'broadcast', { type: 'broadcast', event: 'x', payload: {} }])
    const unmatched = await raw.frames.find(([, ref]) => ref === '2')
    expect(unmatched[4]).toEqual({ status: 'error', response: { reason: 'unmatched topic' } })
    raw.send(['1', '3', topic, 'phx_leave', {}])
    expect((await raw.frames.find(([, ref]) => ref === '3'))[4]).toEqual({ status: 'ok', response: {} })
  })

  test('8. a second join of a topic closes its previous channel', async () => {
    const raw = await openRaw(backend)
    const topic = `realtime:${uniqueName()}`
    await raw.join(topic, {}, { joinRef: '1' })
    await raw.join(topic, {}, { joinRef: '2' })
    const closed = await raw.frames.find(([, , , event]) => event === 'phx_close')
    expect(closed.slice(0, 3)).toEqual(['1', '1', topic])
  })

  test('9. a channel that was removed and created again receives each broadcast once', async () => {
    const client = await openClient(backend)
    const name = uniqueName()
    const first = await join(client.channel(name))
    expect(await client.removeChannel(first.channel)).toBe('ok')
    expect(first.statuses.items.at(-1)?.status).toBe('CLOSED')
    const again = client.channel(name, { config: { broadcast: { self: true, ack: true } } })
    const received = collectBroadcasts(again)
    await join(again)
    await again.send({ type: 'broadcast', event: 'one', payload: {} })
    await again.send({ type: 'broadcast', event: 'two', payload: {} })
    await received.find(({ event }) => event === 'two')
    expect(received.items.map(({ event }) => event)).toEqual(['one', 'two'])

    const raw = await openRaw(backend)
    const topic = `realtime:${uniqueName()}`
    await raw.join(topic)
    raw.frames.clear()
    raw.send(['1', '4', topic, 'phx_leave', {}])
    expect(await raw.frames.take(2)).toEqual([
      ['1', '4', topic, 'phx_reply', { status: 'ok', response: {} }],
      ['1', '1', topic, 'phx_close', {}]
    ] satisfies ArrayFrame[])
  })

  test.runIf(isEmbedded)('10. after a restart of the server a client reconnects and receives new changes', async () => {
    const table = await createTable(backend, 'id int primary key')
    const client = await openClient(backend)
    const { statuses, systems, changes } = await listen(client, uniqueName(), { table })
    await backend.embedded?.restart()
    await statuses.find(({ status }) => status === 'CHANNEL_ERROR')
    await statuses.until(items => items.filter(({ status }) => status === 'SUBSCRIBED').length === 2, 10_000)
    await systems.take(2)
    await backend.sql`insert into ${backend.sql(table)} values (1)`
    expect((await changes.take(1))[0]?.new).toEqual({ id: 1 })
  })
})

async function upgrade(key: string): Promise<{ status: number; body: string }> {
  const { request } = (await import(backend.url.startsWith('https') ? 'node:https' : 'node:http')) as typeof import('node:http')
  return new Promise((resolve, reject) => {
    const sent = request(
      `${backend.url}/realtime/v1/websocket?apikey=${key}&vsn=2.0.0`,
      {
        headers: {
          'connection': 'Upgrade',
          'upgrade': 'websocket',
          'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
          'sec-websocket-version': '13'
        }
      },
      response => {
        let body = ''
        response.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      }
    )
    sent.on('upgrade', (_, socket) => {
      socket.destroy()
      resolve({ status: 101, body: '' })
    })
    sent.on('error', reject)
    sent.end()
  })
}
