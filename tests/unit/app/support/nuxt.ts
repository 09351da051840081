import { setImmediate } from 'node:timers/promises'
import * as vueuse from '@vueuse/core'
import { vi } from 'vitest'
import * as vue from 'vue'
import type { Ref } from 'vue'
import type { RealtimeChange } from '../../../../shared/types/realtime.ts'

/** A pending request that the test answers. */
export interface PendingRequest {
  url: string
  method: string
  query: Record<string, unknown>
  body: unknown
  isAborted(): boolean
  answer(body: unknown): Promise<void>
  fail(error: unknown): Promise<void>
}

interface FetchOptions {
  method?: string
  query?: Record<string, unknown>
  body?: unknown
  signal?: AbortSignal
  onResponse?: (context: { response: Response }) => void
}

interface Realtime {
  connect(topics: { team: string; own: string }, userId: string, replaced: () => void): Promise<void>
  resync(): void
}

const paths = [
  '~/composables/team/useTeam',
  ...['usePendingRequests', 'useResource', 'useRealtime', 'useLive', 'useCursorPages', 'optimistic', 'fetchAll'].map(
    name => `~/composables/data/${name}`
  ),
  '~/composables/app/useAction',
  '~/composables/attachment/useAttachmentChanges',
  '~/composables/reply/useRealtimeReplies',
  '~/utils/app/errors',
  '~/utils/attachment/attachment-list',
  '~/utils/ticket/ticket-list'
]

/**
 * Runs composables in Node with globals for Nuxt's auto-imports: the real ones of Vue, of VueUse and of `app`.
 * The test plays the browser, the API and the realtime server.
 */
export async function startNuxt() {
  const requests: PendingRequest[] = []
  const toasts: { title: string }[] = []
  const states = new Map<string, Ref>()
  const online = vue.ref(true)
  const visibility = vue.ref<'visible' | 'hidden'>('visible')
  const listeners: ((message: { payload: RealtimeChange }) => void)[] = []

  const channel = {
    on(kind: string, { event }: { event: string }, listener: (message: { payload: RealtimeChange }) => void) {
      if (kind === 'broadcast' && event === 'change') listeners.push(listener)
      return channel
    },
    subscribe: (onStatus: (status: string) => void) => onStatus('SUBSCRIBED'),
    track: () => Promise.resolve(),
    untrack: () => Promise.resolve()
  }
  const client = { realtime: { setAuth: () => Promise.resolve() }, channel: () => channel, removeChannel: () => Promise.resolve() }

  for (const [name, value] of Object.entries({ ...vue, ...vueuse })) vi.stubGlobal(name, value)
  const imports = {
    $fetch: sendRequest,
    useOnline: () => online,
    useIntervalFn: repeat, // VueUse starts no interval without a window
    useDocumentVisibility: () => visibility,
    useToast: () => ({ add: (toast: { title: string }) => toasts.push(toast) }),
    useSupabaseClient: () => client,
    useState: (key: string, init: () => unknown) => states.get(key) ?? states.set(key, vue.ref(init())).get(key)
  }
  for (const [name, value] of Object.entries(imports)) vi.stubGlobal(name, value)
  for (const path of paths) {
    for (const [name, value] of Object.entries(await vi.importActual<Record<string, unknown>>(path))) vi.stubGlobal(name, value)
  }

  const team = (globalThis as unknown as { useTeam(): { teams: Ref<{ id: string }[]>; profile: Ref<unknown> } }).useTeam()
  team.teams.value = [{ id: 'acme' }, { id: 'initech' }]
  const realtime = (globalThis as unknown as { useRealtime(): Realtime }).useRealtime()
  await realtime.connect({ team: 'team', own: 'own' }, 'ann', () => {
    /* no test replaces the connection */
  })
  await settle()

  function sendRequest(url: string, { method = 'GET', query = {}, body, signal, onResponse }: FetchOptions = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new DOMException('The request was aborted', 'AbortError')))
      requests.push({
        url,
        method,
        query,
        body,
        isAborted: () => signal?.aborted ?? false,
        async answer(answer) {
          onResponse?.({ response: new Response() })
          resolve(answer)
          await settle()
        },
        async fail(error) {
          reject(error)
          await settle()
        }
      })
    })
  }

  function repeat(callback: () => void, ms: number): void {
    const timer = setInterval(callback, ms)
    vue.onScopeDispose(() => clearInterval(timer))
  }

  async function switchTeam(id: string | null): Promise<void> {
    states.get('team-id')!.value = id
    await settle()
  }

  return {
    requests,
    toasts,
    online,
    visibility,
    switchTeam,
    profile: team.profile,
    resync: realtime.resync,
    /** Sends a change on the channel of the team. */
    broadcast: (change: RealtimeChange) => listeners[0]!({ payload: change })
  }
}

/** Waits until watchers and promises have run; fake timers do not advance. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await setImmediate()
}
