import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, ref, type EffectScope, type Ref } from 'vue'
import type { RealtimeChange } from '../../../shared/types/realtime.ts'
import { settle, startNuxt } from './support/nuxt.ts'

interface Live<T> {
  data: Ref<T>
  url: Ref<string>
  isLoaded: Ref<boolean>
  isLoading: Ref<boolean>
  isStale: Ref<boolean>
  error: Ref<Error | null>
  refresh(): Promise<void>
}
interface Options {
  empty(): string[]
  query?(): Record<string, unknown>
  keepStale?: boolean
  tables?: Record<string, true | ((change: RealtimeChange) => boolean)>
  pollMs?: number
}

const nuxt = await startNuxt()
const { useLive } = await vi.importActual<{ useLive(path: string | (() => string | null), options: Options): Live<string[]> }>(
  '~/composables/data/useLive'
)
const { useReplies } = await vi.importActual<{ useReplies(id: Ref<string>): { replies: Ref<{ id: string }[]> } }>(
  '~/composables/reply/useReplies'
)

const webhook: RealtimeChange = { table: 'webhooks', operation: 'UPDATE', record: { id: 'w' } }

describe('a live value', () => {
  let scope: EffectScope

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
    scope = effectScope()
    nuxt.requests.length = 0
    nuxt.online.value = true
    await nuxt.switchTeam('acme')
  })
  afterEach(() => {
    scope.stop()
    vi.useRealTimers()
  })
  afterAll(() => vi.unstubAllGlobals())

  const begin = (options: Partial<Options> = {}, path: string | (() => string | null) = 'webhooks') =>
    scope.run(() => useLive(path, { empty: () => [], tables: { webhooks: true }, ...options }))!
  const later = async (ms = 2_000) => {
    await vi.advanceTimersByTimeAsync(ms)
    await settle()
  }
  const asked = (index: number) => nuxt.requests[index]!

  it('is fetched at once, and again when a row of its tables changes', async () => {
    const live = begin()
    expect(asked(0).url).toBe('/api/teams/acme/webhooks')
    expect([live.data.value, live.isLoaded.value, live.isLoading.value]).toEqual([[], false, true])
    await asked(0).answer(['a'])
    expect([live.data.value, live.isLoaded.value, live.isLoading.value]).toEqual([['a'], true, false])
    nuxt.broadcast({ table: 'tickets', operation: 'DELETE', record: { id: 't' } as never })
    expect(nuxt.requests).toHaveLength(1)
    nuxt.broadcast(webhook)
    await asked(1).answer(['a', 'b'])
    expect(live.data.value).toEqual(['a', 'b'])
  })

  it('is fetched only for the changes that its test accepts', async () => {
    begin({ tables: { webhooks: ({ record }) => 'id' in record && record.id === 'mine' } })
    await asked(0).answer([])
    nuxt.broadcast(webhook)
    expect(nuxt.requests).toHaveLength(1)
    nuxt.broadcast({ table: 'webhooks', operation: 'UPDATE', record: { id: 'mine' } })
    expect(nuxt.requests).toHaveLength(2)
  })

  it('is fetched once more after a flood of changes while it was loading', async () => {
    const live = begin()
    for (let change = 0; change < 20; change++) nuxt.broadcast(webhook)
    await later()
    expect(nuxt.requests).toHaveLength(1)
    await asked(0).answer(['old'])
    await later()
    expect(nuxt.requests).toHaveLength(2)
    await asked(1).answer(['new'])
    await later()
    expect([live.data.value, nuxt.requests.length]).toEqual([['new'], 2])
  })

  it('is fetched again after a resync', async () => {
    begin()
    await asked(0).answer([])
    nuxt.resync()
    expect(nuxt.requests).toHaveLength(2)
  })

  it('is not resynced when nothing of it is broadcast', async () => {
    begin({ tables: undefined })
    await asked(0).answer([])
    nuxt.resync()
    await later()
    expect(nuxt.requests).toHaveLength(1)
  })

  it('drops the answer for a team that was left while it was loading', async () => {
    const live = begin()
    await nuxt.switchTeam('initech')
    expect(asked(0).isAborted()).toBe(true)
    await asked(0).answer(['acme'])
    expect([live.data.value, live.isLoaded.value, live.error.value]).toEqual([[], false, null])
    await asked(1).answer(['initech'])
    expect([live.url.value, live.data.value]).toEqual(['/api/teams/initech/webhooks', ['initech']])
  })

  it('drops an answer that arrived in the same moment in which the team changed', async () => {
    const live = begin()
    const switched = nuxt.switchTeam('initech')
    await asked(0).answer(['acme'])
    await switched
    expect(live.data.value).toEqual([])
  })

  it('shows nothing of a team that was left, not even its error', async () => {
    const live = begin()
    await asked(0).fail(new Error('Acme failed'))
    expect(live.error.value?.message).toBe('Acme failed')
    await nuxt.switchTeam('initech')
    expect([live.data.value, live.error.value]).toEqual([[], null])
    await asked(1).answer(['initech'])
    await nuxt.switchTeam(null)
    expect([live.data.value, live.isLoaded.value, live.url.value]).toEqual([[], false, ''])
    nuxt.broadcast(webhook)
    nuxt.resync()
    await later()
    expect(nuxt.requests, 'signed out').toHaveLength(2)
  })

  it('asks for nothing while its path is null, and is empty then', async () => {
    const id = ref('')
    const live = begin({}, () => (id.value ? `tickets/${id.value}/replies` : null))
    nuxt.resync()
    await later()
    expect(nuxt.requests).toHaveLength(0)
    id.value = '1'
    await settle()
    await asked(0).answer(['first'])
    id.value = '2'
    await settle()
    expect(live.data.value, 'nothing of the ticket before').toEqual([])
    id.value = ''
    await settle()
    await asked(1).answer(['second'])
    expect([live.data.value, live.isLoaded.value, live.isLoading.value]).toEqual([[], false, false])
  })

  it('keeps the value while another query is asked for, and says that it is stale', async () => {
    const status = ref('open')
    const live = begin({ query: () => ({ status: status.value }) })
    await asked(0).answer(['open'])
    status.value = 'closed'
    await settle()
    expect(asked(1).query).toEqual({ status: 'closed' })
    expect([live.data.value, live.isStale.value]).toEqual([['open'], true])
    await asked(1).answer(['closed'])
    expect([live.data.value, live.isStale.value]).toEqual([['closed'], false])
  })

  it('shows the answer to the last query, whichever comes last', async () => {
    const status = ref('open')
    const live = begin({ query: () => ({ status: status.value }) })
    for (const next of ['closed', 'new']) {
      status.value = next
      await settle()
    }
    await asked(2).answer(['new'])
    await asked(1).answer(['closed'])
    await asked(0).answer(['open'])
    expect(live.data.value).toEqual(['new'])
  })

  it('is empty while another query is asked for, where an old value would mislead', async () => {
    const status = ref('open')
    const live = begin({ query: () => ({ status: status.value }), keepStale: false })
    await asked(0).answer(['open'])
    status.value = 'closed'
    await settle()
    expect([live.data.value, live.isLoaded.value]).toEqual([[], false])
  })

  it('keeps the last value beside an error, and asks again when the network is back', async () => {
    const live = begin()
    await asked(0).answer(['a'])
    nuxt.online.value = false
    nuxt.broadcast(webhook)
    await asked(1).fail(new TypeError('Failed to fetch'))
    expect([live.data.value, live.error.value?.message]).toEqual([['a'], 'Failed to fetch'])
    nuxt.online.value = true
    await settle()
    await asked(2).answer(['b'])
    expect([live.data.value, live.error.value]).toEqual([['b'], null])
  })

  it('asks for nothing and takes no answer after its scope has ended', async () => {
    const live = begin({ pollMs: 1_000 })
    for (let change = 0; change < 3; change++) nuxt.broadcast(webhook)
    scope.stop()
    expect(asked(0).isAborted()).toBe(true)
    await asked(0).answer(['late'])
    nuxt.broadcast(webhook)
    nuxt.resync()
    await nuxt.switchTeam('initech')
    await later()
    expect([live.data.value, nuxt.requests.length]).toEqual([[], 1])
  })

  it('is polled while the page is visible', async () => {
    begin({ tables: undefined, pollMs: 1_000 })
    await asked(0).answer([])
    await later(1_000)
    expect(nuxt.requests).toHaveLength(2)
    await asked(1).answer([])
    nuxt.visibility.value = 'hidden'
    await later(5_000)
    expect(nuxt.requests).toHaveLength(2)
    nuxt.visibility.value = 'visible'
    await later(1_000)
    expect(nuxt.requests).toHaveLength(3)
  })

  it('a conversation keeps a reply that arrived while it was loading', async () => {
    const { replies } = scope.run(() => useReplies(ref('t')))!
    const reply = { id: 'r', ticket_id: 't', created_at: '2026-11-29T12:00:00Z' }
    nuxt.broadcast({ table: 'ticket_replies', operation: 'INSERT', record: reply as never })
    expect(replies.value.map(({ id }) => id)).toEqual(['r'])
    await asked(0).answer([]) // read before the reply was written
    await later()
    await asked(1).answer([reply])
    expect(replies.value.map(({ id }) => id)).toEqual(['r'])
  })
})
