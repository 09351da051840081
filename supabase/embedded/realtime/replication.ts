import type { EventEmitter } from 'node:events'
import pg from 'pg'
import { decodeMessage, relationIdOf } from './pgoutput.ts'
import type { Operation, Relation, Tuple } from './pgoutput.ts'

export interface Change {
  relation: Relation
  operation: Operation
  record: Tuple | null
  old: Tuple | null
  /** Milliseconds since the epoch. */
  committedAt: number
}

export interface Transaction {
  /** The lower 32 bits of the transaction id: the protocol sends no epoch. */
  xid: number
  changes: Change[]
}

export interface ReplicationHandlers {
  /** Whether a table has subscribers. Changes of other tables are not decoded. */
  isWanted(relation: Relation): boolean
  onTransaction(transaction: Transaction): void
  /** The stream started. `isResumed` means that it was interrupted and changes may be lost. */
  onLive(isResumed: boolean): void
  onLost(error: Error): void
}

/** The protocol connection of pg's Client. It is private in pg, and replication needs it. */
interface ProtocolConnection extends EventEmitter {
  sendCopyFromChunk(chunk: Buffer): void
}

const publications = ['supabase_realtime', 'supabase_realtime_messages_publication']
const session = '-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres -c extra_float_digits=1 -c bytea_output=hex'
// A walsender that is about to sleep can miss the wake-up for a commit, and then sends the commit only with the next event.
// A status message wakes it, so this interval bounds the delay of a change.
const confirmEveryMs = 50
const postgresEpochMicros = BigInt(Date.UTC(2000, 0, 1)) * 1000n

/**
 * Streams committed changes over one walsender connection. Its slot is temporary, so that Postgres retains no WAL while this
 * server is down. Reconnects with exponential backoff.
 */
export class ReplicationReader {
  readonly #databaseUrl: string
  readonly #handlers: ReplicationHandlers
  #client: pg.Client | null = null
  #relations = new Map<number, Relation>()
  #transaction: Transaction = { xid: 0, changes: [] }
  #committedAt = 0
  #confirmed = 0n
  #wasLive = false
  #isStopped = false
  #attempts = 0
  #failure: Error | null = null
  #retry: NodeJS.Timeout | undefined
  #confirmTimer: NodeJS.Timeout | undefined

  constructor(databaseUrl: string, handlers: ReplicationHandlers) {
    this.#databaseUrl = databaseUrl
    this.#handlers = handlers
  }

  get isLive(): boolean {
    return this.#confirmTimer !== undefined
  }

  /** Resolves when the stream is live. @throws when the first connection fails */
  async start(): Promise<void> {
    this.#isStopped = false
    await this.#connect()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#retry)
    clearInterval(this.#confirmTimer)
    this.#confirmTimer = undefined
    const client = this.#client
    this.#client = null
    await client?.end()
  }

  async #connect(): Promise<void> {
    const options = {
      connectionString: this.#databaseUrl,
      replication: 'database',
      options: session,
      application_name: 'realtime replication'
    }
    const client = new pg.Client(options)
    const connection = (client as unknown as { connection: ProtocolConnection }).connection
    client.on('error', error => this.#handleLoss(client, error))
    client.on('end', () => this.#handleLoss(client, new Error('The replication connection was closed')))
    this.#client = client
    this.#failure = null
    try {
      await client.connect()
      const slot = `realtime_${process.pid}_${Date.now().toString(36)}`
      await client.query(`CREATE_REPLICATION_SLOT ${slot} TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT`)
      await this.#stream(client, connection, slot)
    } catch (error) {
      this.#client = null
      closeQuietly(client)
      throw error
    }
    this.#attempts = 0
    this.#confirmTimer = setInterval(() => this.#confirm(connection), confirmEveryMs)
    this.#handlers.onLive(this.#wasLive)
    this.#wasLive = true
    if (this.#failure) this.#handleLoss(client, this.#failure)
  }

  async #stream(client: pg.Client, connection: ProtocolConnection, slot: string): Promise<void> {
    this.#relations = new Map()
    this.#transaction = { xid: 0, changes: [] }
    const started = new Promise<void>(resolve => connection.once('replicationStart', resolve))
    connection.on('copyData', ({ chunk }: { chunk: Buffer }) => this.#receive(client, connection, chunk))
    const ended = client.query(
      `START_REPLICATION SLOT ${slot} LOGICAL 0/0 (proto_version '1', publication_names '${publications.join(',')}')`
    )
    const failed = ended.then(() => {
      throw new Error('The replication stream ended')
    })
    failed.catch((error: Error) => this.#handleLoss(client, error))
    await Promise.race([started, failed])
  }

  #receive(client: pg.Client, connection: ProtocolConnection, chunk: Buffer): void {
    try {
      const tag = chunk[0]
      if (tag === 0x77) {
        this.#handle(chunk.subarray(25))
      } else if (tag === 0x6b) {
        // Outside of a transaction everything up to the server's position is processed. An unanswered keepalive delays its shutdown.
        if (this.#transaction.changes.length === 0) this.#confirmed = max(this.#confirmed, chunk.readBigInt64BE(1))
        if (chunk[17] === 1) this.#confirm(connection)
      }
    } catch (error) {
      this.#handleLoss(client, error as Error)
    }
  }

  #handle(data: Buffer): void {
    const relationId = relationIdOf(data)
    const changed = relationId === null ? undefined : this.#relations.get(relationId)
    if (relationId !== null && !(changed && this.#handlers.isWanted(changed))) return
    const message = decodeMessage(data)
    switch (message.kind) {
      case 'relation':
        this.#relations.set(message.relation.id, message.relation)
        break
      case 'begin':
        this.#transaction = { xid: message.xid, changes: [] }
        this.#committedAt = message.committedAt
        break
      case 'change': {
        if (!changed) break
        const { operation, record, old } = message
        this.#transaction.changes.push({ relation: changed, operation, record, old, committedAt: this.#committedAt })
        break
      }
      case 'commit': {
        const transaction = this.#transaction
        this.#transaction = { xid: 0, changes: [] }
        this.#confirmed = max(this.#confirmed, message.endLsn)
        if (transaction.changes.length > 0) this.#handlers.onTransaction(transaction)
      }
    }
  }

  #confirm(connection: ProtocolConnection): void {
    const status = Buffer.alloc(34)
    status.write('r', 0)
    for (const offset of [1, 9, 17]) status.writeBigInt64BE(this.#confirmed, offset)
    status.writeBigInt64BE(BigInt(Date.now()) * 1000n - postgresEpochMicros, 25)
    connection.sendCopyFromChunk(status)
  }

  #handleLoss(client: pg.Client, error: Error): void {
    if (this.#isStopped || this.#client !== client) return
    this.#failure = error
    if (!this.isLive) return
    this.#client = null
    clearInterval(this.#confirmTimer)
    this.#confirmTimer = undefined
    closeQuietly(client)
    this.#handlers.onLost(error)
    this.#scheduleRetry()
  }

  #scheduleRetry(): void {
    if (this.#isStopped) return
    const delay = Math.min(10_000, 250 * 2 ** this.#attempts++)
    this.#retry = setTimeout(() => {
      this.#connect().catch((error: Error) => {
        this.#handlers.onLost(error)
        this.#scheduleRetry()
      })
    }, delay)
  }
}

/** Closes a failed connection. An error while closing is ignored, because the first error was reported. */
function closeQuietly(client: pg.Client): void {
  client.end().catch(() => undefined)
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
