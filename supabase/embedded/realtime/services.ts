import type { Sql } from 'postgres'
import type { Authorizer } from './authorizer.ts'
import type { BroadcastHub } from './broadcast.ts'
import type { RealtimeLimits } from './limits.ts'
import type { PresenceHub } from './presence.ts'
import type { RateLimit } from './rate.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { Tokens } from './tokens.ts'

/** Shared by all sockets and channels. */
export interface Services {
  sql: Sql
  limits: RealtimeLimits
  tokens: Tokens
  authorizer: Authorizer
  broadcasts: BroadcastHub
  presences: PresenceHub
  subscriptions: Subscriptions
  joins: RateLimit
  messages: RateLimit
  privateOnly: boolean
  isReplicating(): boolean
  log(line: string): void
}
