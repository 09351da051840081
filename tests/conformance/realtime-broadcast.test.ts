import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { isEmbedded, startBackend } from './support/backend.ts'
import type { Backend } from './support/backend.ts'
import { collectBroadcasts, closeClients, join, openClient } from './support/client.ts'
import { createPerson } from './support/people.ts'
import { allowChannel, dropPolicies } from './support/policies.ts'
import { closeRawSockets, openRaw, userBroadcastPush } from './support/raw-socket.ts'
import { uniqueName } from './support/tables.ts'

let backend: Backend

beforeAll(async () => {
  backend = await startBackend()
}, 60_000)

afterEach(async () => {
  await closeClients()
  closeRawSockets()
  await dropPolicies(backend)
})

afterAll(async () => {
  await backend.stop()
})

describe('broadcast from client to client', () => {
  test('39. all other clients receive a broadcast unchanged, and its sender only with the option self', async () => {
    const name = uniqueName()
    const [ann, bob, cleo] = await Promise.all([openClient(backend), openClient(backend), openClient(backend)])
    const sender = ann.channel(name)
    const echoing = bob.channel(name, { config: { broadcast: { self: true } } })
    const receivedByAnn = collectBroadcasts(sender)
    const receivedByBob = collectBroadcasts(echoing)
    const other = cleo.channel(name)
    const receivedByCleo = collectBroadcasts(other)
    const cursorsReceivedByCleo = collectBroadcasts(other, 'cursor ✓')
    await Promise.all([join(sender), join(echoing), join(other)])
    const payload = { x: 3, é: '✓ "quoted"', nested: [1, null, { a: true }] }
    await sender.send({ type: 'broadcast', event: 'cursor ✓', payload })
    await receivedByBob.take(1)
    await echoing.send({ type: 'broadcast', event: 'end', payload: {} })
    await Promise.all([receivedByAnn.take(1), receivedByBob.take(2), receivedByCleo.take(2)])
    expect(receivedByAnn.items.map(({ event }) => event)).toEqual(['end'])
    expect(receivedByBob.items.map(({ event }) => event)).toEqual(['cursor ✓', 'end'])
    expect(cursorsReceivedByCleo.items).toEqual([{ type: 'broadcast', event: 'cursor ✓', payload }])
  })

  test('40. a broadcast is acknowledged only with the option ack', async () => {
    const client = await openClient(backend)
    const channel = client.channel(uniqueName(), { config: { broadcast: { ack: true } } })
    await join(channel)
    expect(await channel.send({ type: 'broadcast', event: 'x', payload: {} })).toBe('ok')

    const raw = await openRaw(backend)
    const [quiet, acknowledged] = [`realtime:${uniqueName()}`, `realtime:${uniqueName()}`]
    await raw.join(quiet)
    await raw.join(acknowledged, { broadcast: { ack: true } }, { joinRef: '2' })
    raw.frames.clear()
    const push = { event: 'x', payload: Buffer.from('{}'), isJson: true }
    raw.send(userBroadcastPush({ ...push, joinRef: '1', ref: '3', topic: quiet }))
    raw.send(userBroadcastPush({ ...push, joinRef: '2', ref: '4', topic: acknowledged }))
    await raw.frames.find(([, ref]) => ref === '4')
    raw.send(['1', '5', quiet, 'phx_leave', {}])
    await raw.frames.find(([, ref]) => ref === '5')
    expect(raw.frames.items.map(([, ref]) => ref)).not.toContain('3')
    expect(raw.frames.items[0]).toEqual(['2', '4', acknowledged, 'phx_reply', { status: 'ok', response: {} }])
  })

  test('41. protocol 2.0.0 delivers binary payloads, 1.0.0 does not; JSON passes between both versions', async () => {
    const name = uniqueName()
    const [first, second, older] = await Promise.all([
      openClient(backend),
      openClient(backend),
      openClient(backend, { realtime: { vsn: '1.0.0' } })
    ])
    const sender = first.channel(name)
    const receivedBySender = collectBroadcasts(sender)
    const [listener, olderChannel] = [second.channel(name), older.channel(name)]
    const [received, receivedByOlder] = [collectBroadcasts(listener), collectBroadcasts(olderChannel)]
    await Promise.all([join(sender), join(listener), join(olderChannel)])
    await sender.send({ type: 'broadcast', event: 'bytes', payload: new Uint8Array([9, 8, 0, 255]).buffer })
    await sender.send({ type: 'broadcast', event: 'json', payload: { a: 1 } })
    const [bytes] = await received.take(2)
    expect(new Uint8Array(bytes?.payload as unknown as ArrayBuffer)).toEqual(new Uint8Array([9, 8, 0, 255]))
    await receivedByOlder.take(1)
    expect(receivedByOlder.items).toMatchObject([{ event: 'json', payload: { a: 1 } }])
    await olderChannel.send({ type: 'broadcast', event: 'reply', payload: { b: 2 } })
    expect(await receivedBySender.take(1)).toMatchObject([{ event: 'reply', payload: { b: 2 } }])
  })

  test('42. broadcasts do not pass between a public and a private channel of the same name', async () => {
    const name = uniqueName()
    const ann = await createPerson(backend)
    await allowChannel(backend, { topic: name, can: 'select', sub: ann.id })
    await allowChannel(backend, { topic: name, can: 'insert', sub: ann.id })
    const [first, second] = await Promise.all([openClient(backend, { token: ann.token }), openClient(backend, { token: ann.token })])
    const config = { broadcast: { self: true, ack: true } }
    const publicChannel = first.channel(name, { config })
    const privateChannel = second.channel(name, { config: { ...config, private: true } })
    const [receivedPublicly, receivedPrivately] = [collectBroadcasts(publicChannel), collectBroadcasts(privateChannel)]
    await Promise.all([join(publicChannel), join(privateChannel)])
    await publicChannel.send({ type: 'broadcast', event: 'public', payload: {} })
    await privateChannel.send({ type: 'broadcast', event: 'private', payload: {} })
    await publicChannel.send({ type: 'broadcast', event: 'public', payload: {} })
    await Promise.all([receivedPublicly.take(2), receivedPrivately.take(1)])
    expect(receivedPublicly.items.map(({ event }) => event)).toEqual(['public', 'public'])
    expect(receivedPrivately.items.map(({ event }) => event)).toEqual(['private'])
  })
})

describe('private channels', () => {
  test('43. a join of a private channel is refused without a policy and allowed by a policy on realtime.topic()', async () => {
    const name = uniqueName()
    const ann = await createPerson(backend)
    const client = await openClient(backend, { token: ann.token })
    await expect(join(client.channel(name, { config: { private: true } }))).rejects.toThrow(
      `CHANNEL_ERROR: Unauthorized: You do not have permissions to read from this Channel topic: ${name}`
    )
    await client.removeAllChannels()
    await allowChannel(backend, { topic: name, can: 'select', sub: ann.id })
    await join(client.channel(name, { config: { private: true } }))
    const stranger = await openClient(backend, { token: (await createPerson(backend)).token })
    await expect(join(stranger.channel(name, { config: { private: true } }))).rejects.toThrow('Unauthorized')
  })

  test('44. a reader cannot send or track presence; a reader of presence alone receives no broadcasts', async () => {
    const name = uniqueName()
    const [ann, bob, cleo] = await Promise.all([createPerson(backend), createPerson(backend), createPerson(backend)])
    await allowChannel(backend, { topic: name, can: 'select', sub: ann.id })
    await allowChannel(backend, { topic: name, can: 'insert', sub: ann.id })
    await allowChannel(backend, { topic: name, can: 'select', sub: bob.id })
    await allowChannel(backend, { topic: name, can: 'select', sub: cleo.id, extensions: ['presence'] })
    const [writing, reading, watching] = await Promise.all(
      [ann, bob, cleo].map(async ({ token }) => {
        const client = await openClient(backend, { token, realtime: { timeout: 1_000 } })
        return client.channel(name, { config: { private: true, broadcast: { ack: true }, presence: { enabled: true } } })
      })
    )
    if (!writing || !reading || !watching) throw new Error('unreachable')
    const [receivedByAnn, receivedByBob, receivedByCleo] = [writing, reading, watching].map(channel => collectBroadcasts(channel))
    await Promise.all([join(writing), join(reading), join(watching)])
    expect(await reading.send({ type: 'broadcast', event: 'denied', payload: {} })).toBe('timed out')
    expect(await reading.track({ name: 'Bob' })).toBe('error')
    expect(await writing.send({ type: 'broadcast', event: 'allowed', payload: {} })).toBe('ok')
    expect(await writing.track({ name: 'Ann' })).toBe('ok')
    await receivedByBob?.take(1)
    await expect.poll(() => Object.values(watching.presenceState()).flat()).toMatchObject([{ name: 'Ann' }])
    expect(receivedByAnn?.items).toEqual([])
    expect(receivedByBob?.items.map(({ event }) => event)).toEqual(['allowed'])
    expect(receivedByCleo?.items).toEqual([])
  })
})

describe('broadcast over HTTP', () => {
  test('48. broadcasts over HTTP are delivered, and need a key, a valid body and the right to write', async () => {
    const name = 'r:1/2 é'
    const ann = await createPerson(backend)
    const client = await openClient(backend)
    const channel = client.channel(name)
    const received = collectBroadcasts(channel)
    await join(channel)
    const sender = await openClient(backend)
    expect(await sender.channel(name).send({ type: 'broadcast', event: 'batch', payload: { a: 1 } })).toBe('ok')
    expect(await sender.channel(name).httpSend('my ev', { b: 2 })).toEqual({ success: true })
    expect(await sender.channel(name).httpSend('bytes', new Uint8Array([1, 2, 255]).buffer)).toEqual({ success: true })
    await received.take(3)
    expect(received.items.slice(0, 2)).toMatchObject([
      { event: 'batch', payload: { a: 1 } },
      { event: 'my ev', payload: { b: 2 } }
    ])
    expect(new Uint8Array(received.items[2]?.payload as unknown as ArrayBuffer)).toEqual(new Uint8Array([1, 2, 255]))

    const secret = uniqueName()
    await allowChannel(backend, { topic: secret, can: 'select', sub: ann.id })
    const reader = await openClient(backend, { token: ann.token })
    const listening = reader.channel(secret, { config: { private: true } })
    const receivedPrivately = collectBroadcasts(listening)
    await join(listening)
    const unjoined = (await openClient(backend, { token: ann.token })).channel(secret, { config: { private: true } })
    await expect(unjoined.httpSend('denied', {})).rejects.toThrow()
    expect(await unjoined.send({ type: 'broadcast', event: 'denied', payload: {} })).toBe('ok')
    const service = (await openClient(backend, { key: backend.secretKey })).channel(secret, { config: { private: true } })
    expect(await service.httpSend('allowed', {})).toEqual({ success: true })
    expect((await receivedPrivately.take(1)).map(({ event }) => event)).toEqual(['allowed'])

    const endpoint = `${backend.url}/realtime/v1/api/broadcast`
    const body = JSON.stringify({ messages: [{ topic: name, event: 'x', payload: {} }] })
    const post = (headers: Record<string, string>) =>
      fetch(endpoint, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })
    expect((await post({})).status).toBe(401)
    expect((await post({ apikey: 'nonsense' })).status).toBe(401)
    const preflight = await fetch(endpoint, {
      method: 'OPTIONS',
      headers: {
        'origin': 'http://localhost',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'apikey,authorization,content-type,x-client-info'
      }
    })
    expect(preflight.ok).toBe(true)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
    expect(preflight.headers.get('access-control-allow-headers')).toContain('apikey')
    const wrong = await fetch(endpoint, {
      method: 'POST',
      body: '{"messages":[{"topic":"t","event":"x","payload":"text"}]}',
      headers: { 'content-type': 'application/json', 'apikey': backend.secretKey }
    })
    expect(wrong.status).toBe(422)
  })
})

describe('broadcast from the database', () => {
  test('49. realtime.send broadcasts on commit, to the private or the public channel of its topic', async () => {
    const name = uniqueName()
    const ann = await createPerson(backend)
    await allowChannel(backend, { topic: name, can: 'select', sub: ann.id })
    const client = await openClient(backend, { token: ann.token })
    const privateChannel = client.channel(name, { config: { private: true } })
    const publicChannel = (await openClient(backend)).channel(name)
    const [receivedPrivately, receivedPublicly] = [collectBroadcasts(privateChannel), collectBroadcasts(publicChannel)]
    await Promise.all([join(privateChannel), join(publicChannel)])
    const { sql } = backend
    await sql
      .begin(async transaction => {
        await transaction`select realtime.send('{"a": 1}', 'rolled back', ${name}, true)`
        throw new Error('roll back')
      })
      .catch((error: Error) => expect(error.message).toBe('roll back'))
    await sql.begin(async transaction => {
      await transaction`select realtime.send('{"a": 1}', 'ev', ${name}, true)`
      await transaction`select realtime.send('{"b": 2}', 'ev', ${name}, false)`
    })
    const [[hidden], [open]] = await Promise.all([receivedPrivately.take(1), receivedPublicly.take(1)])
    expect(hidden).toMatchObject({ type: 'broadcast', event: 'ev', payload: { a: 1 } })
    expect(hidden?.payload.id).toMatch(/^[0-9a-f-]{36}$/)
    expect(hidden?.meta?.id).toBe(hidden?.payload.id)
    expect(open).toMatchObject({ event: 'ev', payload: { b: 2 } })
    await sql`select realtime.send_binary('\\x0102ff', 'bytes', ${name}, true)`
    const bytes = await receivedPrivately.find(({ event }) => event === 'bytes')
    expect(new Uint8Array(bytes.payload as unknown as ArrayBuffer)).toEqual(new Uint8Array([1, 2, 255]))
    expect([receivedPrivately.items.length, receivedPublicly.items.length]).toEqual([2, 1])
  })

  test('50. realtime.broadcast_changes broadcasts row changes; a failed broadcast does not abort the transaction', async () => {
    const name = uniqueName()
    const table = uniqueName('conformance')
    const ann = await createPerson(backend)
    await allowChannel(backend, { topic: name, can: 'select', sub: ann.id })
    const { sql } = backend
    await sql
      .unsafe(
        `
      create table public.${table} (id int primary key, subject text);
      create function public.${table}_changed() returns trigger language plpgsql security definer as $$
      begin
        perform realtime.broadcast_changes('${name}', tg_op, tg_op, tg_table_name, tg_table_schema, new, old);
        return null;
      end $$;
      create trigger changed after insert or update or delete on public.${table} for each row execute function public.${table}_changed();
    `
      )
      .simple()
    try {
      const channel = (await openClient(backend, { token: ann.token })).channel(name, { config: { private: true } })
      const received = collectBroadcasts(channel)
      await join(channel)
      await sql`insert into ${sql(table)} values (1, 'a')`
      await sql`update ${sql(table)} set subject = 'b'`
      await sql`delete from ${sql(table)}`
      const events = await received.take(3)
      expect(events.map(({ event }) => event)).toEqual(['INSERT', 'UPDATE', 'DELETE'])
      for (const { payload } of events)
        expect(Object.keys(payload).sort()).toEqual(['id', 'old_record', 'operation', 'record', 'schema', 'table'])
      expect(events.map(({ payload }) => [payload.old_record, payload.record])).toEqual([
        [null, { id: 1, subject: 'a' }],
        [
          { id: 1, subject: 'a' },
          { id: 1, subject: 'b' }
        ],
        [{ id: 1, subject: 'b' }, null]
      ])
      expect(events[0]?.payload).toMatchObject({ operation: 'INSERT', schema: 'public', table })
      await sql.begin(async transaction => {
        await transaction`select realtime.send('{}', 'ev', null, true)`
        await transaction`insert into ${transaction(table)} values (2, 'still written')`
      })
      expect(await sql`select id from ${sql(table)}`).toEqual([{ id: 2 }])
    } finally {
      await sql.unsafe(`drop table public.${table}; drop function public.${table}_changed()`).simple()
    }
  })

  test('51. a joining channel can replay stored broadcasts, oldest first', async () => {
    const name = uniqueName()
    const ann = await createPerson(backend)
    await allowChannel(backend, { topic: name, can: 'select', sub: ann.id })
    const { sql } = backend
    const since = Date.now() - 5_000
    const earlier = (await openClient(backend, { token: ann.token })).channel(name, { config: { private: true } })
    const receivedEarlier = collectBroadcasts(earlier)
    await join(earlier)
    for (let n = 1; n <= 30; n++) await sql`select realtime.send(jsonb_build_object('n', ${n}::int), 'ev', ${name}, true)`
    await receivedEarlier.take(30) // a broadcast that is still in flight would arrive live
    const client = await openClient(backend, { token: ann.token })
    const channel = client.channel(name, { config: { private: true, broadcast: { replay: { since } } } })
    const received = collectBroadcasts(channel)
    await join(channel)
    await sql`select realtime.send('{"n": 31}', 'ev', ${name}, true)`
    await received.find(({ payload }) => payload.n === 31)
    const replayed = isEmbedded ? 25 : received.items.length - 1
    expect(received.items.map(({ payload }) => payload.n)).toEqual(
      Array.from({ length: replayed + 1 }, (_, position) => 31 - replayed + position)
    )
    expect(received.items.slice(0, -1).every(({ meta }) => meta?.replayed === true && typeof meta.id === 'string')).toBe(true)
    expect(received.items.at(-1)?.meta?.replayed).toBeUndefined()

    const limited = (await openClient(backend, { token: ann.token })).channel(name, {
      config: { private: true, broadcast: { replay: { since, limit: 2 } } }
    })
    const receivedLimited = collectBroadcasts(limited)
    await join(limited)
    expect((await receivedLimited.take(2)).map(({ payload }) => payload.n)).toEqual([30, 31])
    expect(() => client.channel(uniqueName(), { config: { broadcast: { replay: { since } } } })).toThrow()
  })
})
