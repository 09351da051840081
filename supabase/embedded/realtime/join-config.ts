import { isObject } from './serializer.ts'
import type { Json, JsonObject } from './serializer.ts'

/** The options of a `phx_join`. A missing or malformed option has its default. */
export interface JoinConfig {
  isPrivate: boolean
  broadcast: { self: boolean; ack: boolean; replicationReady: boolean; replay: JsonObject | null }
  presence: { enabled: boolean; key: string | null }
  changes: Json[]
  /** Whether a failed subscription to changes refuses the join. */
  waitsForChanges: boolean
  token: string | null
}

export function parseJoinConfig(payload: Json): JoinConfig {
  const join = toObject(payload)
  const config = toObject(join.config)
  const broadcast = toObject(config.broadcast)
  const presence = toObject(config.presence)
  const token = join.access_token ?? join.user_token
  return {
    isPrivate: isTrue(config.private),
    broadcast: {
      self: isTrue(broadcast.self),
      ack: isTrue(broadcast.ack),
      replicationReady: isTrue(broadcast.replication_ready),
      replay: isObject(broadcast.replay) ? broadcast.replay : null
    },
    presence: {
      enabled: isTrue(presence.enabled),
      key: typeof presence.key === 'string' && presence.key !== '' ? presence.key : null
    },
    changes: Array.isArray(config.postgres_changes) ? config.postgres_changes.filter(entry => entry !== null) : [],
    waitsForChanges: isTrue(toObject(config.postgres_changes_options).wait),
    token: typeof token === 'string' && !token.startsWith('sb_') ? token : null
  }
}

function toObject(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}

function isTrue(value: Json | undefined): boolean {
  return value === true || (typeof value === 'string' && value.toLowerCase() === 'true')
}
