import { once } from 'node:events'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { isEmbedded, startBackend } from './support/backend.ts'
import type { Backend, Embedded } from './support/backend.ts'
import { collectBroadcasts, closeClients, join, listen, openClient } from './support/client.ts'
import { closeRawSockets, openRaw, userBroadcastPush } from './support/raw-socket.ts'
import { createTable, dropTables, uniqueName } from './support/tables.ts'

// These tests stop the server, exhaust its limits or read its log and counters, so they run against the embedded server only.
describe.runIf(isEmbedded)('realtime limits and interruptions', () => {
  let backend: Backend
  let server: Embedded

  beforeAll(async () => {
    backend = await startBackend()
    if (!backend.embedded) throw new Error('unreachable')
    server = backend.embedded
  }, 60_000)

  afterEach(async () => {
    await closeClients()
    closeRawSockets()
  })

  afterAll(async () => {
    await dropTables(backend)
    await backend.stop()
  })

  test('a connection can join at most channelsPerConnection channels', async () => {
    await server.restart({ limits: { channelsPerConnection: 2, joinBackoffMs: 10 } })
    const raw = await openRaw(backend)
    await raw.join('realtime:1', {}, { joinRef: '1' })
    await raw.join('realtime:2', {}, { joinRef: '2' })
    const refused = await raw.join('realtime:3', {}, { joinRef: '3' })
    expect(refused[4]).toEqual({ status: 'error', response: { reason: 'ChannelRateLimitReached: Too many channels' } })
    expect((await raw.join('realtime:', {}, { joinRef: '4' }))[4]).toMatchObject({ status: 'error' })
  })

  test('a join beyond joinsPerSecond is refused and closes its connection', async () => {
    await server.restart({ limits: { joinsPerSecond: 1, joinBackoffMs: 10 } })
    const raw = await openRaw(backend)
    const closed = once(raw.socket, 'close')
    raw.send(['1', '1', 'realtime:1', 'phx_join', {}])
    raw.send(['2', '2', 'realtime:2', 'phx_join', {}])
    const refused = await raw.frames.find(([, , , , payload]) => payload.status === 'error')
    expect(refused[4].response).toEqual({ reason: 'ClientJoinRateLimitReached: Too many joins per second' })
    expect((await closed)[0]).toBe(1001)
  })

  /** Makes all joins of private channels wait for the database while `work` runs. */
  async function whileJoinsWait(work: () => Promise<void>): Promise<void> {
    const admin = postgres(server.database.adminUrl, { max: 1 })
    try {
      await admin.begin(async sql => {
        await sql`lock table realtime.messages in access exclusive mode`
        await work()
      })
    } finally {
      await admin.end()
    }
  }

  test('joins that wait for the database count towards channelsPerConnection', async () => {
    await server.restart({ limits: { channelsPerConnection: 2, joinBackoffMs: 10 } })
    const raw = await openRaw(backend)
    await whileJoinsWait(async () => {
      for (const ref of ['1', '2', '3', '4']) raw.send([ref, ref, `realtime:${ref}`, 'phx_join', { config: { private: true } }])
      for (const ref of ['3', '4']) {
        const refused = await raw.frames.find(([, answered]) => answered === ref)
        expect(refused[4]).toEqual({ status: 'error', response: { reason: 'ChannelRateLimitReached: Too many channels' } })
      }
      expect(raw.frames.items.filter(([, ref]) => ref === '1' || ref === '2')).toEqual([])
    })
    // No policy allows these two private channels. Their joins are refused and no longer count.
    for (const ref of ['1', '2']) await raw.frames.find(([, answered]) => answered === ref)
    expect((await raw.join('realtime:5', {}, { joinRef: '5' }))[4]).toMatchObject({ status: 'ok' })
    expect((await raw.join('realtime:5', {}, { joinRef: '6' }))[4], 'a repeated join of a topic does not count twice').toMatchObject({
      status: 'ok'
    })
  })

  test('joins count towards joinsPerSecond when they arrive, not when they are handled', async () => {
    await server.restart({ limits: { joinsPerSecond: 3, joinBackoffMs: 10 } })
    const raw = await openRaw(backend)
    const closed = once(raw.socket, 'close')
    await whileJoinsWait(async () => {
      // Joins of one topic are handled one after another.
      for (let ref = 1; ref <= 10; ref++) raw.send([`${ref}`, `${ref}`, 'realtime:x', 'phx_join', { config: { private: true } }])
      const other = await openRaw(backend)
      const refused = await other.join('realtime:y')
      expect(refused[4].response).toEqual({ reason: 'ClientJoinRateLimitReached: Too many joins per second' })
    })
    expect((await closed)[0]).toBe(1001)
  })

  test.each([
    ['few large messages', 20, 100_000],
    ['many small messages', 1_500, 1]
  ])('the connection of a client that sends %s while its join waits is aborted, others stay open', async (_, count, bytes) => {
    await server.restart({ limits: { waitingBytes: 1_000_000 } })
    const [fastSender, otherClient] = [await openRaw(backend), await openRaw(backend)]
    await whileJoinsWait(async () => {
      const closed = once(fastSender.socket, 'close')
      fastSender.send(['1', '1', 'realtime:x', 'phx_join', { config: { private: true } }])
      for (let ref = 2; ref < count + 2; ref++)
        fastSender.send(['1', `${ref}`, 'realtime:x', 'broadcast', { type: 'broadcast', event: 'e', payload: { text: 'x'.repeat(bytes) } }])
      expect((await closed)[0]).toBe(1006)
    })
    expect(server.log.join('\n')).toContain('aborted a connection: the client sends faster than the server handles its messages')
    expect((await otherClient.join('realtime:y'))[4]).toMatchObject({ status: 'ok' })
  })

  test('a connection beyond the limit of connections is refused with 429', async () => {
    await server.restart({ limits: { connections: 1 } })
    const raw = await openRaw(backend)
    await expect(openRaw(backend)).rejects.toThrow('429')
    raw.socket.close()
    await once(raw.socket, 'close')
    await expect.poll(() => server.server().stats().connections).toBe(0)
    await openRaw(backend)
  })

  test('a broadcast over payloadBytes is refused, and a channel over messagesPerSecond is closed', async () => {
    await server.restart({ limits: { messagesPerSecond: 20, payloadBytes: 1_000 } })
    const raw = await openRaw(backend)
    await raw.join('realtime:x', { broadcast: { ack: true } })
    const push = { joinRef: '1', topic: 'realtime:x', event: 'e', isJson: true }
    raw.send(userBroadcastPush({ ...push, ref: '2', payload: Buffer.from(JSON.stringify({ text: 'x'.repeat(1_000) })) }))
    expect((await raw.frames.find(([, ref]) => ref === '2'))[4]).toEqual({ status: 'error', response: { error: 'payload_size_exceeded' } })
    for (let n = 3; n < 30; n++) raw.send(userBroadcastPush({ ...push, ref: String(n), payload: Buffer.from('{}') }))
    expect((await raw.frames.find(([, , , event]) => event === 'system'))[4]).toMatchObject({
      status: 'error',
      message: 'Too many messages per second'
    })
    await raw.frames.find(([, , , event]) => event === 'phx_close')
  })

  test('the connection of a client that does not read is aborted at bufferedBytes, others stay open', async () => {
    await server.restart({ limits: { bufferedBytes: 500_000 } })
    const [slow, fast] = [await openRaw(backend), await openRaw(backend)]
    await slow.join('realtime:x')
    await fast.join('realtime:x', { broadcast: { self: true } })
    slow.socket.pause()
    const payload = Buffer.from(JSON.stringify({ text: 'x'.repeat(500_000) }))
    for (let n = 0; n < 40 && server.server().stats().connections === 2; n++) {
      fast.send(userBroadcastPush({ joinRef: '1', ref: String(n + 2), topic: 'realtime:x', event: 'e', payload, isJson: true }))
      await fast.binaries.take(n + 1)
    }
    await expect.poll(() => server.server().stats().connections).toBe(1)
    expect(server.log.join('\n')).toContain('aborted a connection: the client reads too slowly')
    fast.send([null, '99', 'phoenix', 'heartbeat', {}])
    await fast.frames.find(([, ref]) => ref === '99')
  })

  test('a public channel is refused when the server allows only private channels', async () => {
    await server.restart({ privateOnly: true, limits: { joinBackoffMs: 10 } })
    await expect(join((await openClient(backend)).channel('x'))).rejects.toThrow('PrivateOnly: This project only allows private channels')
  })

  test('a connection without messages is closed after idleMs', async () => {
    await server.restart({ limits: { idleMs: 100 } })
    const raw = await openRaw(backend)
    const [code] = (await once(raw.socket, 'close')) as [number]
    expect(code).toBe(1000)
  })

  test('replication_ready gets a system message, and with the option wait a failed subscription refuses the join', async () => {
    await server.restart({ limits: { joinBackoffMs: 10 } })
    const raw = await openRaw(backend)
    const table = await createTable(backend, 'id int primary key')
    const wait = { postgres_changes_options: { wait: true, timeout: 3_000 } }
    const joined = await raw.join('realtime:a', {
      ...wait,
      broadcast: { replication_ready: true },
      postgres_changes: [{ event: '*', schema: 'public', table }]
    })
    expect(joined[4]).toMatchObject({ status: 'ok' })
    const ready = await raw.frames.find(([, , , event, { extension }]) => event === 'system' && extension === 'system')
    expect(ready[4]).toEqual({ extension: 'system', status: 'ok', message: 'Replication connection established', channel: 'a' })
    const refused = await raw.join(
      'realtime:b',
      { ...wait, postgres_changes: [{ event: '*', schema: 'public', table: 'missing' }] },
      { joinRef: '2' }
    )
    expect(refused[4]).toMatchObject({
      status: 'error',
      response: { reason: expect.stringMatching(/^RealtimeDisabledForConfiguration: Unable to subscribe/) }
    })
  })

  test('after an interruption of replication subscribers get a system message, and changes and broadcasts resume', async () => {
    await server.restart()
    const table = await createTable(backend, 'id int primary key')
    const client = await openClient(backend)
    const { systems, changes, statuses } = await listen(client, uniqueName(), { table })
    const name = uniqueName()
    const channel = client.channel(name)
    const received = collectBroadcasts(channel)
    await join(channel)
    const admin = postgres(server.database.adminUrl, { max: 1 })
    await admin`select pg_terminate_backend(active_pid) from pg_replication_slots where active`
    await admin.end()
    await systems.take(2)
    expect(await (await fetch(`${backend.url}/realtime/v1/api/health`)).json()).toEqual({
      data: { healthy: true, replication_connected: true }
    })
    expect(systems.items[1]).toMatchObject({ status: 'ok', message: 'Subscribed to PostgreSQL' })
    await backend.sql`insert into ${backend.sql(table)} values (1)`
    await backend.sql`select realtime.send('{}', 'back', ${name}, false)`
    await Promise.all([changes.take(1), received.take(1)])
    expect(statuses.items.map(({ status }) => status)).toEqual(['SUBSCRIBED'])
  })

  test('a client that receives a broadcast about a row can read the row immediately', async () => {
    await server.restart()
    const table = await createTable(backend, 'id int primary key')
    const name = uniqueName()
    await backend.sql
      .unsafe(
        `
      create function public.${table}_created() returns trigger language plpgsql security definer as $$
      begin
        perform realtime.send(jsonb_build_object('row', new.id), 'created', '${name}', false);
        return null;
      end $$;
      create trigger created after insert on public.${table} for each row execute function public.${table}_created();
    `
      )
      .simple()
    const channel = (await openClient(backend)).channel(name)
    const reads: Promise<number>[] = []
    channel.on('broadcast', { event: 'created' }, ({ payload }) => {
      reads.push(backend.sql`select from ${backend.sql(table)} where id = ${Number(payload.row)}`.then(rows => rows.length))
    })
    await join(channel)
    for (let id = 1; id <= 300; id++) await backend.sql`insert into ${backend.sql(table)} values (${id})`
    await expect.poll(() => reads.length).toBe(300)
    expect((await Promise.all(reads)).filter(found => found === 0)).toEqual([])
    await backend.sql.unsafe(`drop function public.${table}_created() cascade`)
  })

  test('52. the server closes connected clients with 1012 and stops within 3 s, together with Postgres', async () => {
    const own = await startBackend()
    try {
      const table = await createTable(own, 'id int primary key')
      await Promise.all(Array.from({ length: 10 }, async () => listen(await openClient(own), uniqueName(), { table })))
      const raw = await openRaw(own)
      const closed = once(raw.socket, 'close')
      await own.sql`insert into ${own.sql(table)} values (1)`
      await own.sql.end()
      const started = performance.now()
      await own.embedded?.server().stop()
      expect((await closed)[0]).toBe(1012)
      await own.embedded?.database.stop()
      expect(performance.now() - started).toBeLessThan(3_000)
    } finally {
      await own.stop()
    }
  })
})
