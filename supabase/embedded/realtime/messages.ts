import type { Sql } from 'postgres'
import { ChannelError } from './authorizer.ts'
import type { Broadcast } from './broadcast.ts'
import type { Change } from './replication.ts'
import type { JsonObject } from './serializer.ts'

export interface StoredMessage {
  id: string
  event: string
  /** JSON text. */
  payload: string
}

/** Converts a replicated row of realtime.messages to a broadcast, or null when a required column is empty. */
export function broadcastOfRow({ relation, record }: Change): { name: string; isPrivate: boolean; broadcast: Broadcast } | null {
  const value = (name: string) => record?.values[relation.columns.findIndex(column => column.name === name)] ?? null
  const id = value('id')
  const name = value('topic')
  const event = value('event')
  const isPrivate = value('private')
  const binary = value('binary_payload')
  const payload = binary === null ? value('payload') : null
  if (value('extension') !== 'broadcast' || !id || name === null || event === null || isPrivate === null) return null
  if (binary === null && payload === null) return null
  return {
    name,
    isPrivate: isPrivate === 't',
    broadcast: {
      kind: 'user',
      id,
      event,
      metadata: JSON.stringify({ id }),
      encoding: binary === null ? 'json' : 'binary',
      payload: binary === null ? Buffer.from(payload ?? '', 'utf8') : Buffer.from(binary.slice(2), 'hex')
    }
  }
}

/** The stored broadcasts that a joining channel asked to replay, oldest first. @throws ChannelError */
export async function replayMessages(sql: Sql, name: string, replay: { since: number; limit: number }): Promise<StoredMessage[]> {
  try {
    const rows = await sql<StoredMessage[]>`
      select id, event, payload::text payload from realtime.messages
      where topic = ${name} and private and extension = 'broadcast' and payload is not null and event is not null
        and inserted_at >= to_timestamp(${replay.since}::float8 / 1000) at time zone 'utc'
      order by inserted_at desc limit ${replay.limit}`
    return rows.reverse()
  } catch {
    throw new ChannelError('UnableToReplayMessages', 'Realtime was unable to replay messages')
  }
}

/** @throws ChannelError when the channel is public or the parameters are invalid */
export function parseReplay(replay: JsonObject, isPrivate: boolean, maxMessages: number): { since: number; limit: number } {
  if (!isPrivate) throw new ChannelError('UnableToReplayMessages', 'Replay is not allowed for public channels')
  const { since, limit = maxMessages } = replay
  if (typeof since !== 'number' || typeof limit !== 'number' || !(limit >= 1 && limit <= maxMessages)) {
    throw new ChannelError('UnableToReplayMessages', 'Replay params are not valid')
  }
  return { since, limit: Math.floor(limit) }
}
