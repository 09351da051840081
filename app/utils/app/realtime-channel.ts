import type { RealtimeChannel, SupabaseClient } from '@supabase/supabase-js'
import type { RealtimeChange } from '#shared/types/realtime'

/** The presence that a member shares with the team. */
export interface PresenceState {
  ticket_id: string
  is_replying: boolean
}

export interface Viewer extends PresenceState {
  user_id: string
}

export interface ChannelEvents {
  change(change: RealtimeChange): void
  /** Joined or rejoined: earlier changes may have been missed. */
  joined(): void
  /** Not joined. The library retries a lost connection by itself. */
  lost(): void
  /** The topic was replaced, or the server closed the channel: fetch the current topic. */
  replaced(): void
}

export interface TeamChannelEvents extends ChannelEvents {
  presence(viewers: Viewer[]): void
}

export interface Channel {
  leave(): Promise<void>
}

export interface TeamChannel extends Channel {
  /** Shares which ticket I look at; null clears it. Restored after a rejoin. */
  setPresence(state: PresenceState | null): void
}

/** Joins the private channel of a person, which broadcasts their notifications. */
export function joinPersonChannel(client: SupabaseClient, topic: string, events: ChannelEvents): Channel {
  return joinChannel(client, topic, undefined, events)
}

/**
 * Joins the private channel of a team. Broadcast "change" carries a row; "epoch" means that the topic was replaced.
 * Missed broadcasts cannot be replayed, so fetch again on `joined`.
 */
export function joinTeamChannel(client: SupabaseClient, topic: string, userId: string, events: TeamChannelEvents): TeamChannel {
  return joinChannel(client, topic, { key: userId, show: events.presence }, events)
}

/** With `others`, shares presence under `key` and reports that of others. */
function joinChannel(
  client: SupabaseClient,
  topic: string,
  others: { key: string; show: (viewers: Viewer[]) => void } | undefined,
  events: ChannelEvents
): TeamChannel {
  let channel: RealtimeChannel | undefined
  let hasLeft = false
  let isJoined = false
  let presence: PresenceState | null = null

  join().catch(() => {
    if (hasLeft) return
    events.lost()
    events.replaced()
  })

  async function join(): Promise<void> {
    // A join before the client has read its session would carry no token.
    await client.realtime.setAuth()
    if (hasLeft) return
    channel = client.channel(topic, { config: { private: true, ...(others && { presence: { key: others.key } }) } })
    channel
      .on('broadcast', { event: 'change' }, ({ payload }) => events.change(payload as RealtimeChange))
      .on('broadcast', { event: 'epoch' }, () => events.replaced())
    if (others) channel.on('presence', { event: 'sync' }, () => others.show(viewersOf(channel)))
    channel.subscribe(onStatus)
  }

  function onStatus(status: string, error?: Error): void {
    if (hasLeft) return
    isJoined = status === 'SUBSCRIBED'
    if (isJoined) {
      if (presence) void track()
      events.joined()
      return
    }
    events.lost()
    // Closed by the server (an expired token) or refused: the library does not rejoin by itself, and the topic may have changed.
    if (status === 'CLOSED' || /unauthorized|permission/i.test(error?.message ?? '')) events.replaced()
  }

  async function track(): Promise<void> {
    if (isJoined && channel) await (presence ? channel.track(presence) : channel.untrack())
  }

  return {
    setPresence(state) {
      presence = state
      void track()
    },
    async leave() {
      hasLeft = true
      if (channel) await client.removeChannel(channel)
    }
  }
}

function viewersOf(channel: RealtimeChannel | undefined): Viewer[] {
  const states = channel?.presenceState<Partial<PresenceState>>() ?? {}
  return Object.entries(states).flatMap(([user_id, presences]) =>
    presences.flatMap(({ ticket_id, is_replying }) => (ticket_id ? { user_id, ticket_id, is_replying: is_replying === true } : []))
  )
}
