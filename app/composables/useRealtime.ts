import type { RealtimeChange, RealtimeTable } from '#shared/types/realtime'
import type { PresenceState, TeamChannel, Viewer } from '~/utils/realtime-channel'
import { joinTeamChannel } from '~/utils/realtime-channel'

type Handler = (change: RealtimeChange) => void

// One channel for the whole app, in the browser alone: the server renders no page that listens.
const tables = new Map<RealtimeTable, Set<Handler>>()
const resyncs = new Set<() => void>()
const status = ref<'connecting' | 'connected' | 'disconnected'>('connecting')
const viewers = shallowRef<Viewer[]>([])
let channel: TeamChannel | undefined
let current = ''
let presence: PresenceState | null = null

/** The team's changes as they happen. Handlers are unregistered with the component or scope that registered them. */
export function useRealtime() {
  const client = useSupabaseClient()

  /** Calls `handler` after every committed change of a row of `table` in the current team. */
  function onTable<T extends RealtimeTable>(table: T, handler: (change: RealtimeChange<T>) => void): void {
    const handlers = tables.get(table) ?? new Set()
    tables.set(table, handlers.add(handler as Handler))
    tryOnScopeDispose(() => handlers.delete(handler as Handler))
  }

  /** Calls `handler` when changes may have been missed: after joining, rejoining, and a long time in the background. */
  function onResync(handler: () => void): void {
    resyncs.add(handler)
    tryOnScopeDispose(() => resyncs.delete(handler))
  }

  function resync(): void {
    for (const handler of [...resyncs]) handler()
  }

  /** Listens to `topic` from now on; the empty topic listens to nothing. */
  async function connect(topic: string, userId: string, replaced: () => void): Promise<void> {
    if (topic === current) return
    current = topic
    viewers.value = []
    const previous = channel
    channel = undefined
    await previous?.leave()
    if (!topic || topic !== current) return

    status.value = 'connecting'
    channel = joinTeamChannel(client, topic, userId, {
      change: change => tables.get(change.table)?.forEach(handler => handler(change)),
      presence: (present) => {
        viewers.value = present.filter(viewer => viewer.user_id !== userId)
      },
      joined: () => {
        status.value = 'connected'
        resync()
      },
      lost: () => {
        status.value = 'disconnected'
      },
      replaced
    })
    channel.present(presence)
  }

  /** Shows the team which ticket I look at and whether I write a reply; null shows nothing. */
  function present(state: PresenceState | null): void {
    presence = state
    channel?.present(state)
  }

  return { onTable, onResync, resync, connect, present, status: readonly(status), viewers: readonly(viewers) }
}
