import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { isEmbedded, startBackend } from './support/backend.ts'
import type { Backend } from './support/backend.ts'
import { collectBroadcasts, closeClients, join, listen, openClient, signIn } from './support/client.ts'
import { createPerson, sign } from './support/people.ts'
import { allowChannel, dropPolicies, dropPolicy } from './support/policies.ts'
import { closeRawSockets, openRaw } from './support/raw-socket.ts'
import { allowTeam, createTable, dropTables, uniqueName } from './support/tables.ts'

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
  await dropTables(backend)
  await backend.stop()
})

const now = () => Math.floor(Date.now() / 1000)

describe('realtime tokens', () => {
  test('35. a channel acts as the user of its token, and without one as anonymous until a token follows', async () => {
    const { sql } = backend
    const table = await createTable(backend, 'id int primary key, team text', { rls: true })
    await allowTeam(backend, table)
    const ann = await createPerson(backend, { team: 'a' })
    const first = await listen(await openClient(backend, { token: ann.token }), uniqueName(), { table })
    const client = await openClient(backend, { token: null })
    const late = await listen(client, uniqueName(), { table })
    await sql`insert into ${sql(table)} values (1, 'a')`
    expect((await first.changes.take(1))[0]?.new).toEqual({ id: 1, team: 'a' })
    late.systems.clear()
    await signIn(client, ann.token)
    await late.systems.find(({ message }) => message === 'Subscribed to PostgreSQL')
    await sql`insert into ${sql(table)} values (2, 'a')`
    await late.changes.take(1)
    expect(late.changes.items.map(change => change.new)).toEqual([{ id: 2, team: 'a' }])
    expect(late.statuses.items.map(({ status }) => status)).toEqual(['SUBSCRIBED'])
  })

  test('36. a token of another user changes immediately which rows are delivered', async () => {
    const { sql } = backend
    const table = await createTable(backend, 'id int primary key, team text', { rls: true })
    await allowTeam(backend, table)
    const [ann, dan] = await Promise.all([createPerson(backend, { team: 'a' }), createPerson(backend, { team: 'd' })])
    const client = await openClient(backend, { token: ann.token })
    const { changes, systems } = await listen(client, uniqueName(), { table })
    await sql`insert into ${sql(table)} values (1, 'a'), (2, 'd')`
    await changes.take(1)
    await signIn(client, dan.token)
    await systems.until(items => items.filter(({ message }) => message === 'Subscribed to PostgreSQL').length === 2, 5_000)
    await sql`insert into ${sql(table)} values (3, 'a'), (4, 'd')`
    await changes.take(2)
    expect(changes.items.map(change => change.new.id)).toEqual([1, 4])
  })

  test(
    '37. a channel is closed when its token expires; the connection and other channels stay open',
    async () => {
      const client = await openClient(backend)
      const other = await join(client.channel(uniqueName(), { config: { broadcast: { self: true, ack: true } } }))
      const raw = await openRaw(backend)
      const [brief, lasting] = [`realtime:${uniqueName()}`, `realtime:${uniqueName()}`]
      await raw.join(lasting, {}, { joinRef: '1', token: await sign(backend, { role: 'authenticated' }) })
      await raw.join(brief, {}, { joinRef: '2', token: await sign(backend, { role: 'authenticated', exp: now() + 2 }) })
      const system = await raw.frames.find(([, , , event]) => event === 'system', isEmbedded ? 5_000 : 400_000)
      expect(system).toMatchObject(['2', null, brief, 'system', { extension: 'system', status: 'error' }])
      expect(system[4].message).toMatch(/^Token has expired \d+ seconds ago$/)
      expect(await raw.frames.find(([, , , event]) => event === 'phx_close')).toEqual(['2', '2', brief, 'phx_close', {}])
      raw.send([null, '9', 'phoenix', 'heartbeat', {}])
      await raw.frames.find(([, ref]) => ref === '9')
      expect(await other.channel.send({ type: 'broadcast', event: 'alive', payload: {} })).toBe('ok')

      const hurried = await openClient(backend, { token: await sign(backend, { role: 'authenticated', exp: now() + 2 }) })
      const joined = await join(hurried.channel(uniqueName()))
      expect((await joined.systems.find(({ status }) => status === 'error', isEmbedded ? 5_000 : 400_000)).message).toMatch(
        /^Token has expired/
      )
      await joined.statuses.find(({ status }) => status === 'CLOSED')
      expect(hurried.realtime.isConnected()).toBe(true)
    },
    isEmbedded ? 30_000 : 900_000
  )

  test('38. a malformed token or one without role or exp closes the channel with a reason; an API key is ignored', async () => {
    const raw = await openRaw(backend)
    const refused: [token: string, message: string][] = [
      ['nonsense', 'The token provided is not a valid JWT'],
      ['', 'The token provided is not a valid JWT'],
      [await sign(backend, { sub: 'nobody' }), 'Fields `role` and `exp` are required in JWT']
    ]
    for (const [token, message] of refused) {
      const topic = `realtime:${uniqueName()}`
      await raw.join(topic)
      raw.send(['1', '2', topic, 'access_token', { access_token: 'sb_publishable_ignored' }])
      raw.send(['1', '3', topic, 'access_token', { access_token: token }])
      await raw.frames.find(([, , to, event]) => to === topic && event === 'phx_close')
      const systems = raw.frames.items.filter(([, , to, event]) => to === topic && event === 'system')
      expect(systems.map(frame => frame[4])).toEqual([
        { extension: 'system', status: 'error', message, channel: topic.slice('realtime:'.length) }
      ])
    }
  })

  test('45. a private channel is closed at the next token when its user lost the right to read', async () => {
    const name = uniqueName()
    const ann = await createPerson(backend)
    const policy = await allowChannel(backend, { topic: name, can: 'select', sub: ann.id })
    const client = await openClient(backend, { token: ann.token })
    const channel = client.channel(name, { config: { private: true } })
    const received = collectBroadcasts(channel)
    const { systems, statuses } = await join(channel)
    await backend.sql`select realtime.send('{}', 'before', ${name}, true)`
    await received.take(1)
    await dropPolicy(backend, policy)
    await signIn(client, (await createPerson(backend, { sub: ann.id })).token)
    const { message } = await systems.find(({ status }) => status === 'error')
    expect(message).toMatch(
      new RegExp(`^You (do not have permissions to|no longer have permission to) read from this Channel topic: ${name}$`)
    )
    await statuses.find(({ status }) => status === 'CLOSED')
    await backend.sql`select realtime.send('{}', 'after', ${name}, true)`
    const again = await openClient(backend, { token: ann.token })
    await expect(join(again.channel(name, { config: { private: true } }))).rejects.toThrow('Unauthorized')
    expect(received.items.map(({ event }) => event)).toEqual(['before'])
  })
})
