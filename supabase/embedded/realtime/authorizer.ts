import type { Sql } from 'postgres'
import { apiRoles } from './tokens.ts'
import type { Identity } from './tokens.ts'

export type Extension = 'broadcast' | 'presence'

/** The user and the channel of a rights check. */
export interface Caller {
  name: string
  identity: Identity
  /** The x-… headers of the upgrade or HTTP request. */
  headers: Record<string, string>
}

/** A refusal. Code and message are what the client receives. */
export class ChannelError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }

  get reason(): string {
    return `${this.code}: ${this.message}`
  }
}

/** Checks a caller's rights on a private channel by the policies on realtime.messages. */
export class Authorizer {
  readonly #sql: Sql
  readonly counters = { readChecks: 0, writeChecks: 0 }

  constructor(sql: Sql) {
    this.#sql = sql
  }

  /** The extensions that the caller may read; none when a policy raises. @throws ChannelError when the database cannot answer */
  async readable(caller: Caller, extensions: Extension[]): Promise<Set<Extension>> {
    if (!apiRoles.has(caller.identity.role)) return new Set()
    this.counters.readChecks++
    try {
      const [row] = await this.#sql<
        { readable: Extension[] }[]
      >`select to_jsonb(realtime.readable_extensions(${serializeCaller(caller)}::text::jsonb, ${extensions}::text[])) readable`
      return new Set(row?.readable)
    } catch (error) {
      return refuseOrThrow(error, new Set<Extension>())
    }
  }

  /** @throws ChannelError when the database cannot answer */
  async isWritable(caller: Caller, extension: Extension): Promise<boolean> {
    if (!apiRoles.has(caller.identity.role)) return false
    this.counters.writeChecks++
    try {
      const [row] = await this.#sql<
        { writable: boolean }[]
      >`select realtime.is_writable(${serializeCaller(caller)}::text::jsonb, ${extension}) writable`
      return row?.writable ?? false
    } catch (error) {
      return refuseOrThrow(error, false)
    }
  }
}

function serializeCaller({ name, identity, headers }: Caller): string {
  return `{"topic":${JSON.stringify(name)},"role":${JSON.stringify(identity.role)},"claims":${identity.claimsJson},"headers":${JSON.stringify(headers)}}`
}

/** An error that a policy raises is a refusal. Throws a ChannelError when the database could not answer at all. */
function refuseOrThrow<Refusal>(error: unknown, refusal: Refusal): Refusal {
  const { code = '', message } = error as { code?: string; message: string }
  if (code === '23514' && message.includes('no partition')) throw new ChannelError('MissingPartition', message)
  if (code === '57014') throw new ChannelError('QueryCanceled', 'Query was cancelled, please try again')
  if (!/^[0-9A-Z]{5}$/.test(code) || code.startsWith('08') || code.startsWith('57')) {
    throw new ChannelError('UnableToConnectToProject', 'Realtime was unable to connect to the project database')
  }
  if (code.startsWith('53'))
    throw new ChannelError('DatabaseLackOfConnections', "Database can't accept more connections, Realtime won't connect")
  return refusal
}
