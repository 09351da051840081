import type { RealtimeChannel, SupabaseClient } from '@supabase/supabase-js'
import type { RealtimeChange } from '#shared/types/realtime'

/** What a member shows of themselves to the team. */
export interface PresenceState { ticket_id: string, is_replying: boolean }

export interface Viewer extends PresenceState { user_id: string }

export interface TeamChannelEvents {
  change(change: RealtimeChange): void
  presence(viewers: Viewer[]): void
  /** (Re)joined: whatever happened before is not known. */
  joined(): void
  /** Not joined: the library retries a lost connection by itself. */
  lost(): void
  /** The topic is no longer the team's, or the server has sent us away: ask for the team's topic again. */
  replaced(): void
}

export interface TeamChannel {
  /** Shows the team what I look at; null shows nothing. Kept across rejoins. */
  present(state: PresenceState | null): void
  leave(): Promise<void>
}

/**
 * Joins a team's private channel. Broadcast "change" carries a row, "epoch" says that the topic has been replaced.
 * Postgres cannot be asked for what was missed: `joined` is the time to fetch again.
 */
export function joinTeamChannel(client: SupabaseClient, topic: string, userId: string, events: TeamChannelEvents): TeamChannel {
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
    channel = client.channel(topic, { config: { private: true, presence: { key: userId } } })
    channel
      .on('broadcast', { event: 'change' }, ({ payload }) => events.change(payload as RealtimeChange))
      .on('broadcast', { event: 'epoch' }, () => events.replaced())
      .on('presence', { event: 'sync' }, () => events.presence(viewersOf(channel)))
      .subscribe(onStatus)
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
  return Object.entries(states).flatMap(([user_id, presences]) => presences.flatMap(({ ticket_id, is_replying }) => ticket_id ? { user_id, ticket_id, is_replying: is_replying === true } : []))
}
