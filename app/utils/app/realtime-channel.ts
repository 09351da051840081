import type { RealtimeChannel, SupabaseClient } from '@supabase/supabase-js'
import type { RealtimeChange } from '#shared/types/realtime'

/** What a member shows of themselves to the team. */
export interface PresenceState {
  ticket_id: string
  is_replying: boolean
}

export interface Viewer extends PresenceState {
  user_id: string
}

export interface ChannelEvents {
  change(change: RealtimeChange): void
  /** (Re)joined: whatever happened before is not known. */
  joined(): void
  /** Not joined: the library retries a lost connection by itself. */
  lost(): void
  /** The topic is no longer ours, or the server has sent us away: ask which it is now. */
  replaced(): void
}

export interface TeamChannelEvents extends ChannelEvents {
  presence(viewers: Viewer[]): void
}

export interface Channel {
  leave(): Promise<void>
}

export interface TeamChannel extends Channel {
  /** Shows the team what I look at; null shows nothing. Kept across rejoins. */
  present(state: PresenceState | null): void
}

/** Joins somebody's own private channel, which tells of their notifications, as the team's tells of its rows. */
export function joinPersonChannel(client: SupabaseClient, topic: string, events: ChannelEvents): Channel {
  return joinChannel(client, topic, undefined, events)
}

/**
 * Joins a team's private channel. Broadcast "change" carries a row, "epoch" says that the topic has been replaced.
 * Postgres cannot be asked for what was missed: `joined` is the time to fetch again.
 */
export function joinTeamChannel(client: SupabaseClient, topic: string, userId: string, events: TeamChannelEvents): TeamChannel {
  return joinChannel(client, topic, { key: userId, show: events.presence }, events)
}

/** With `others`, they see what I show under `key`, and I what they show. */
function joinChannel(
  client: SupabaseClient,
  topic: string,
  others: { key: string; show: (viewers: Viewer[]) => void } | undefined,
  events: ChannelEvents
): TeamChannel {
  let channel: RealtimeChannel | undefined
  let left = false
  let joined = false
  let presence: PresenceState | null = null

  join().catch(() => {
    if (left) return
    events.lost()
    events.replaced()
  })

  async function join(): Promise<void> {
    // A join that goes out before the client has read its session would carry no token.
    await client.realtime.setAuth()
    if (left) return
    channel = client.channel(topic, { config: { private: true, ...(others && { presence: { key: others.key } }) } })
    channel
      .on('broadcast', { event: 'change' }, ({ payload }) => events.change(payload as RealtimeChange))
      .on('broadcast', { event: 'epoch' }, () => events.replaced())
    if (others) channel.on('presence', { event: 'sync' }, () => others.show(viewersOf(channel)))
    channel.subscribe(onStatus)
  }

  function onStatus(status: string, error?: Error): void {
    if (left) return
    joined = status === 'SUBSCRIBED'
    if (joined) {
      if (presence) void track()
      events.joined()
      return
    }
    events.lost()
    // Closed by the server (an expired token) or refused: the library does not come back by itself with another topic.
    if (status === 'CLOSED' || /unauthorized|permission/i.test(error?.message ?? '')) events.replaced()
  }

  async function track(): Promise<void> {
    if (joined && channel) await (presence ? channel.track(presence) : channel.untrack())
  }

  return {
    present(state) {
      presence = state
      void track()
    },
    async leave() {
      left = true
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
