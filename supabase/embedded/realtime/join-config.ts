import { isObject } from './serializer.ts'
import type { Json, JsonObject } from './serializer.ts'

/** What a `phx_join` asks for; what is missing or malformed is as if not asked for. */
export interface JoinConfig {
  isPrivate: boolean
  broadcast: { self: boolean; ack: boolean; replicationReady: boolean; replay: JsonObject | null }
  presence: { enabled: boolean; key: string | null }
  changes: Json[]
  /** Whether a subscription that cannot be made refuses the join. */
  waitsForChanges: boolean
  token: string | null
}

export function parseJoinConfig(payload: Json): JoinConfig {
  const join = objectOf(payload)
  const config = objectOf(join.config)
  const broadcast = objectOf(config.broadcast)
  const presence = objectOf(config.presence)
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
    waitsForChanges: isTrue(objectOf(config.postgres_changes_options).wait),
    token: typeof token === 'string' && !token.startsWith('sb_') ? token : null
  }
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}

function isTrue(value: Json | undefined): boolean {
  return value === true || (typeof value === 'string' && value.toLowerCase() === 'true')
}
