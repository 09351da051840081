import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { RealtimeChannel } from '@supabase/supabase-js'
import { startBackend } from './support/backend.ts'
import type { Backend } from './support/backend.ts'
import { closeClients, join, openClient } from './support/client.ts'
import { Collector } from './support/collector.ts'
import { uniqueName } from './support/tables.ts'

interface PresenceEvent {
  event: string
  key?: string
  newPresences?: Record<string, unknown>[]
  leftPresences?: Record<string, unknown>[]
}

let backend: Backend

beforeAll(async () => {
  backend = await startBackend()
}, 60_000)

afterEach(closeClients)

afterAll(async () => {
  await backend.stop()
})

async function joinWithPresence(name: string, key: string) {
  const client = await openClient(backend)
  const channel = client.channel(name, { config: { presence: { key } } })
  const events = collectPresence(channel)
  const joined = await join(channel)
  await events.find(({ event }) => event === 'sync')
  return { client, channel, events, joined }
}

function collectPresence(channel: RealtimeChannel): Collector<PresenceEvent> {
  const events = new Collector<PresenceEvent>()
  channel.on('presence', { event: 'sync' }, () => events.push({ event: 'sync' }))
  channel.on('presence', { event: 'join' }, event => events.push(event))
  channel.on('presence', { event: 'leave' }, event => events.push(event))
  return events
}

describe('realtime presence', () => {
  test('46. all clients of a channel receive the presence state by key, and each join, update and leave', async () => {
    const name = uniqueName()
    const [ann, bob] = await Promise.all([joinWithPresence(name, 'ann'), joinWithPresence(name, 'bob')])
    expect(await ann.channel.track({ viewing: 1 })).toBe('ok')
    expect(await bob.channel.track({ viewing: 2 })).toBe('ok')
    for (const { channel } of [ann, bob]) {
      await expect.poll(() => channel.presenceState()).toMatchObject({ ann: [{ viewing: 1 }], bob: [{ viewing: 2 }] })
    }
    const before = bob.channel.presenceState<{ viewing: number }>().ann?.[0]
    expect(before?.presence_ref).toEqual(expect.any(String))

    bob.events.clear()
    expect(await ann.channel.track({ viewing: 3 })).toBe('ok')
    const left = await bob.events.find(({ event }) => event === 'leave')
    const came = await bob.events.find(({ event }) => event === 'join')
    expect(left).toMatchObject({ key: 'ann', leftPresences: [{ viewing: 1, presence_ref: before?.presence_ref }] })
    expect(came.newPresences).toMatchObject([{ viewing: 3 }])
    expect(bob.channel.presenceState<{ viewing: number }>().ann).toMatchObject([{ viewing: 3 }])

    const tab = await joinWithPresence(name, 'ann')
    expect(tab.channel.presenceState()).toMatchObject({ ann: [{ viewing: 3 }], bob: [{ viewing: 2 }] })
    await tab.channel.track({ viewing: 4 })
    await expect.poll(() => bob.channel.presenceState().ann?.length).toBe(2)

    bob.events.clear()
    await tab.client.realtime.disconnect()
    const gone = await bob.events.find(({ event }) => event === 'leave', 2_000)
    expect(gone).toMatchObject({ key: 'ann', leftPresences: [{ viewing: 4 }] })

    bob.events.clear()
    expect(await ann.channel.untrack()).toBe('ok')
    await bob.events.find(({ event }) => event === 'leave')
    await expect.poll(() => Object.keys(bob.channel.presenceState())).toEqual(['bob'])
  })

  test('47. track accepts only an object, and too many calls close the channel', async () => {
    const { channel, joined } = await joinWithPresence(uniqueName(), 'ann')
    expect(await channel.track('text' as unknown as Record<string, unknown>)).toBe('error')
    for (let n = 0; n < 40; n++) void channel.track({ n })
    const system = await joined.systems.find(({ status }) => status === 'error')
    expect(system.message).toBe('Client presence rate limit exceeded')
    await joined.statuses.find(({ status }) => status === 'CLOSED')
  })
})
