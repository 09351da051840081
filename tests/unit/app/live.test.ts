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
const { useReplies } = await vi.importActual<{
  useReplies(id: Ref<string>): { replies: Ref<{ id: string; attachments?: { id: string }[] }[]> }
}>('~/composables/reply/useReplies')

const webhook: RealtimeChange = { table: 'webhooks', operation: 'UPDATE', record: { id: 'w' } }

describe('a value of useLive', () => {
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

  const start = (options: Partial<Options> = {}, path: string | (() => string | null) = 'webhooks') =>
    scope.run(() => useLive(path, { empty: () => [], tables: { webhooks: true }, ...options }))!
  const wait = async (ms = 2_000) => {
    await vi.advanceTimersByTimeAsync(ms)
    await settle()
  }
  const request = (index: number) => nuxt.requests[index]!

  it('a live value is fetched at once, and refetched when a row of its tables changes', async () => {
    const live = start()
    expect(request(0).url).toBe('/api/teams/acme/webhooks')
    expect([live.data.value, live.isLoaded.value, live.isLoading.value]).toEqual([[], false, true])
    await request(0).answer(['a'])
    expect([live.data.value, live.isLoaded.value, live.isLoading.value]).toEqual([['a'], true, false])
    nuxt.broadcast({ table: 'tickets', operation: 'DELETE', record: { id: 't' } as never })
    expect(nuxt.requests).toHaveLength(1)
    nuxt.broadcast(webhook)
    await request(1).answer(['a', 'b'])
    expect(live.data.value).toEqual(['a', 'b'])
  })

  it('a live value is refetched only for changes that its predicate accepts', async () => {
    start({ tables: { webhooks: ({ record }) => 'id' in record && record.id === 'mine' } })
    await request(0).answer([])
    nuxt.broadcast(webhook)
    expect(nuxt.requests).toHaveLength(1)
    nuxt.broadcast({ table: 'webhooks', operation: 'UPDATE', record: { id: 'mine' } })
    expect(nuxt.requests).toHaveLength(2)
  })

  it('a live value is refetched once after many changes during the first request', async () => {
    const live = start()
    for (let change = 0; change < 20; change++) nuxt.broadcast(webhook)
    await wait()
    expect(nuxt.requests).toHaveLength(1)
    await request(0).answer(['old'])
    await wait()
    expect(nuxt.requests).toHaveLength(2)
    await request(1).answer(['new'])
    await wait()
    expect([live.data.value, nuxt.requests.length]).toEqual([['new'], 2])
  })

  it('a live value is refetched after a resync', async () => {
    start()
    await request(0).answer([])
    nuxt.resync()
    expect(nuxt.requests).toHaveLength(2)
  })

  it('a value without tables is not refetched after a resync', async () => {
    start({ tables: undefined })
    await request(0).answer([])
    nuxt.resync()
    await wait()
    expect(nuxt.requests).toHaveLength(1)
  })

  it('the request for the previous team is aborted, and its answer dropped', async () => {
    const live = start()
    await nuxt.switchTeam('initech')
    expect(request(0).isAborted()).toBe(true)
    await request(0).answer(['acme'])
    expect([live.data.value, live.isLoaded.value, live.error.value]).toEqual([[], false, null])
    await request(1).answer(['initech'])
    expect([live.url.value, live.data.value]).toEqual(['/api/teams/initech/webhooks', ['initech']])
  })

  it('an answer that arrives in the same tick as the change of team is dropped', async () => {
    const live = start()
    const switched = nuxt.switchTeam('initech')
    await request(0).answer(['acme'])
    await switched
    expect(live.data.value).toEqual([])
  })

  it('neither data nor error of the previous team is shown', async () => {
    const live = start()
    await request(0).fail(new Error('Acme failed'))
    expect(live.error.value?.message).toBe('Acme failed')
    await nuxt.switchTeam('initech')
    expect([live.data.value, live.error.value]).toEqual([[], null])
    await request(1).answer(['initech'])
    await nuxt.switchTeam(null)
    expect([live.data.value, live.isLoaded.value, live.url.value]).toEqual([[], false, ''])
    nuxt.broadcast(webhook)
    nuxt.resync()
    await wait()
    expect(nuxt.requests, 'signed out').toHaveLength(2)
  })

  it('no request is sent while the path is null, and the value is empty', async () => {
    const id = ref('')
    const live = start({}, () => (id.value ? `tickets/${id.value}/replies` : null))
    nuxt.resync()
    await wait()
    expect(nuxt.requests).toHaveLength(0)
    id.value = '1'
    await settle()
    await request(0).answer(['first'])
    id.value = '2'
    await settle()
    expect(live.data.value, 'nothing of the previous ticket').toEqual([])
    id.value = ''
    await settle()
    await request(1).answer(['second'])
    expect([live.data.value, live.isLoaded.value, live.isLoading.value]).toEqual([[], false, false])
  })

  it('the old value stays while a new query loads, and is marked as stale', async () => {
    const status = ref('open')
    const live = start({ query: () => ({ status: status.value }) })
    await request(0).answer(['open'])
    status.value = 'closed'
    await settle()
    expect(request(1).query).toEqual({ status: 'closed' })
    expect([live.data.value, live.isStale.value]).toEqual([['open'], true])
    await request(1).answer(['closed'])
    expect([live.data.value, live.isStale.value]).toEqual([['closed'], false])
  })

  it('the answer to the last query is shown, in whatever order the answers arrive', async () => {
    const status = ref('open')
    const live = start({ query: () => ({ status: status.value }) })
    for (const next of ['closed', 'new']) {
      status.value = next
      await settle()
    }
    await request(2).answer(['new'])
    await request(1).answer(['closed'])
    await request(0).answer(['open'])
    expect(live.data.value).toEqual(['new'])
  })

  it('the value is empty while a new query loads when keepStale is false', async () => {
    const status = ref('open')
    const live = start({ query: () => ({ status: status.value }), keepStale: false })
    await request(0).answer(['open'])
    status.value = 'closed'
    await settle()
    expect([live.data.value, live.isLoaded.value]).toEqual([[], false])
  })

  it('the last value stays beside an error, and is refetched when the network is back', async () => {
    const live = start()
    await request(0).answer(['a'])
    nuxt.online.value = false
    nuxt.broadcast(webhook)
    await request(1).fail(new TypeError('Failed to fetch'))
    expect([live.data.value, live.error.value?.message]).toEqual([['a'], 'Failed to fetch'])
    nuxt.online.value = true
    await settle()
    await request(2).answer(['b'])
    expect([live.data.value, live.error.value]).toEqual([['b'], null])
  })

  it('after its scope has stopped, no request is sent and answers are ignored', async () => {
    const live = start({ pollMs: 1_000 })
    for (let change = 0; change < 3; change++) nuxt.broadcast(webhook)
    scope.stop()
    expect(request(0).isAborted()).toBe(true)
    await request(0).answer(['late'])
    nuxt.broadcast(webhook)
    nuxt.resync()
    await nuxt.switchTeam('initech')
    await wait()
    expect([live.data.value, nuxt.requests.length]).toEqual([[], 1])
  })

  it('a value is polled only while the page is visible', async () => {
    start({ tables: undefined, pollMs: 1_000 })
    await request(0).answer([])
    await wait(1_000)
    expect(nuxt.requests).toHaveLength(2)
    await request(1).answer([])
    nuxt.visibility.value = 'hidden'
    await wait(5_000)
    expect(nuxt.requests).toHaveLength(2)
    nuxt.visibility.value = 'visible'
    await wait(1_000)
    expect(nuxt.requests).toHaveLength(3)
  })

  it('useReplies keeps a reply that arrived while the conversation was loading', async () => {
    const { replies } = scope.run(() => useReplies(ref('t')))!
    const reply = { id: 'r', ticket_id: 't', created_at: '2026-11-29T12:00:00Z' }
    nuxt.broadcast({ table: 'ticket_replies', operation: 'INSERT', record: reply as never })
    expect(replies.value.map(({ id }) => id)).toEqual(['r'])
    await request(0).answer([]) // read before the reply was written
    await wait()
    await request(1).answer([reply])
    expect(replies.value.map(({ id }) => id)).toEqual(['r'])
  })

  it('useReplies shows a file that is added to a reply, and fetches the conversation for one of an unknown reply', async () => {
    const { replies } = scope.run(() => useReplies(ref('t')))!
    await request(0).answer([{ id: 'r', ticket_id: 't', created_at: '2026-11-29T12:00:00Z', attachments: [] }])
    const add = (reply_id: string | null, ticket_id = 't') =>
      nuxt.broadcast({ table: 'ticket_attachments', operation: 'INSERT', record: { id: 'f', ticket_id, reply_id } as never })
    add('r')
    expect(replies.value[0]!.attachments).toMatchObject([{ id: 'f' }])
    add(null) // of the ticket itself
    add('other', 'another ticket')
    await wait()
    expect(nuxt.requests).toHaveLength(1)
    add('unknown')
    await wait()
    expect(nuxt.requests).toHaveLength(2)
  })
})
