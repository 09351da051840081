import type { RealtimeChange, RealtimeTable } from '#shared/types/realtime'
import type { Channel, ChannelEvents, PresenceState, TeamChannel, Viewer } from '~/utils/app/realtime-channel'
import { joinPersonChannel, joinTeamChannel } from '~/utils/app/realtime-channel'

type Handler = (change: RealtimeChange) => void

interface Topics {
  team: string
  own: string
}

// Shared by the whole app. Module state is safe, because no server-rendered page uses realtime.
const tables = new Map<RealtimeTable, Set<Handler>>()
const resyncs = new Set<() => void>()
const status = ref<'connecting' | 'connected' | 'disconnected'>('connecting')
const viewers = shallowRef<Viewer[]>([])
let channel: TeamChannel | undefined
let ownChannel: Channel | undefined
const joined = { team: false, own: false }
let current = ''
let presence: PresenceState | null = null

/** Broadcasts of the team's changes and the person's notifications. Handlers are removed with the scope that registered them. */
export function useRealtime() {
  const client = useSupabaseClient()

  /** Calls `handler` after every committed change of a row of `table` in the current team. */
  function onTable<T extends RealtimeTable>(table: T, handler: (change: RealtimeChange<T>) => void): void {
    const handlers = tables.get(table) ?? new Set()
    tables.set(table, handlers.add(handler as Handler))
    tryOnScopeDispose(() => handlers.delete(handler as Handler))
  }

  /** Calls `handler` when changes may have been missed: after joining or rejoining, and after a long time in the background. */
  function onResync(handler: () => void): void {
    resyncs.add(handler)
    tryOnScopeDispose(() => resyncs.delete(handler))
  }

  function resync(): void {
    for (const handler of [...resyncs]) handler()
  }

  /** Joins the channels of a team and a person; null leaves them. */
  async function connect(topics: Topics | null, userId: string, replaced: () => void): Promise<void> {
    const wanted = topics ? `${topics.team} ${topics.own}` : ''
    if (wanted === current) return
    current = wanted
    viewers.value = []
    joined.team = joined.own = false
    const previous = [channel, ownChannel]
    channel = ownChannel = undefined
    await Promise.all(previous.map(one => one?.leave()))
    if (!topics || wanted !== current) return

    status.value = 'connecting'
    channel = joinTeamChannel(client, topics.team, userId, {
      ...eventsOf('team', replaced),
      presence: present => {
        viewers.value = present.filter(viewer => viewer.user_id !== userId)
      }
    })
    ownChannel = joinPersonChannel(client, topics.own, eventsOf('own', replaced))
    channel.setPresence(presence)
  }

  // The status is "connected" only if both channels are joined.
  function eventsOf(which: keyof typeof joined, replaced: () => void): ChannelEvents {
    return {
      change: change => tables.get(change.table)?.forEach(handler => handler(change)),
      joined: () => {
        joined[which] = true
        if (!joined.team || !joined.own) return
        status.value = 'connected'
        resync()
      },
      lost: () => {
        joined[which] = false
        status.value = 'disconnected'
      },
      replaced
    }
  }

  /** Shares with the team which ticket I look at and whether I write a reply; null clears it. */
  function setPresence(state: PresenceState | null): void {
    presence = state
    channel?.setPresence(state)
  }

  return { onTable, onResync, resync, connect, setPresence, status: readonly(status), viewers: readonly(viewers) }
}
