import type { Row, TransactionSql } from 'postgres'
import type { Scope } from '#shared/permissions'
import type { TeamWorld } from '../world.ts'
import type { CallerName, ClientAccess } from './principals.ts'

/** An action, who may do it, and at least one way to try it. Each way becomes a test for each principal. */
export interface AuthorizationRow {
  /** Completes the titles "an admin …" and "an admin never …". */
  does: string
  by: readonly CallerName[]
  /** The scope that lets an API key do this that acts as a member. Every scope includes `read`. Without a value, no key may. */
  key?: Scope
  /** Default: the value of the resource. */
  client?: ClientAccess
  session?: ClientAccess
  route?: RouteAttempt
  sql?: SqlAttempt
  topic?: TopicAttempt
  object?: ObjectAttempt
}

/** One request to a route of `server/api`. */
export interface RouteAttempt {
  /** Method and path, as the file of the route has it. */
  request: string
  /** The status of the answer to those who may. */
  status: number
  parameters?: (team: TeamWorld) => Record<string, string>
  /** `[ticketId]` in it is replaced like in the path. */
  query?: string
  body?: (team: TeamWorld) => unknown
  /** Statuses that differ from the usual 401 (not signed in), 404 (not in the team) and 403 (role lacks the permission). */
  refusals?: Partial<Record<CallerName, number>>
  /** The object belongs to a person: an API key whose scopes allow the route gets 404. */
  isPersonal?: boolean
}

/** Statements on a row of Acme, with the token of the caller. */
export interface SqlAttempt {
  /** The table or view that stays unchanged when the caller is refused. A function that writes nothing needs none. */
  table?: string
  /** The functions that the statements call: by name in schema `private`, as `portal.<name>` in schema `portal`. */
  calls?: string | readonly string[]
  /** The clients who may do it besides `by`: functions of the portal. */
  clients?: readonly ('client' | 'session')[]
  /** Prepares rows without row-level security. */
  prepare?: (sql: TransactionSql) => Promise<unknown>
  /** Returns the rows that were read or written. */
  run: (sql: TransactionSql, caller: { id: string }) => Promise<readonly Row[]>
}

/** Joining a private channel, or sending on it, as the realtime server checks both: with the policies of realtime.messages. */
export interface TopicAttempt {
  /** The SQL function that names the channel. */
  channel: 'team_topic' | 'person_topic'
  extension: 'broadcast' | 'presence'
  action: 'receive' | 'send'
}

/** A path in a bucket of storage, as the storage server checks it: with the policies of storage.objects. */
export interface ObjectAttempt {
  bucket: string
  path: string
  action: 'list' | 'read' | 'write' | 'delete'
}

/** The rows of one noun, and what clients may do where a row says nothing else. */
export interface Resource {
  client: ClientAccess
  session: ClientAccess
  rows: readonly AuthorizationRow[]
}

// Parameters of routes.
export const ofTicket = (team: TeamWorld) => ({ ticketId: team.tickets.bobs })
export const ofUnassigned = (team: TeamWorld) => ({ ticketId: team.tickets.unassigned })
export const ofWebhook = (team: TeamWorld) => ({ webhookId: team.webhook })
export const ofDelivery = (team: TeamWorld) => ({ webhookId: team.webhook, deliveryId: team.delivery })
