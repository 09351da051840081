import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import postgres from 'postgres'
import { WebSocketServer } from 'ws'
import { Authorizer } from './authorizer.ts'
import { BroadcastHub } from './broadcast.ts'
import { Catalog } from './catalog.ts'
import { ChangePipeline } from './changes.ts'
import { readHandshake, refuseUpgrade } from './handshake.ts'
import { handleApiRequest } from './http.ts'
import { defaultLimits } from './limits.ts'
import type { RealtimeLimits } from './limits.ts'
import { broadcastOfRow } from './messages.ts'
import type { Relation } from './pgoutput.ts'
import { PresenceHub } from './presence.ts'
import { RateLimit } from './rate.ts'
import { ReplicationReader } from './replication.ts'
import type { Change } from './replication.ts'
import { CommitGate } from './commit-gate.ts'
import type { Services } from './services.ts'
import { Socket } from './socket.ts'
import { Subscriptions } from './subscriptions.ts'
import { Tokens } from './tokens.ts'

export interface RealtimeOptions {
  /** Superuser connection (role supabase_admin). */
  databaseUrl: string
  /** HS256. */
  jwtSecret: string
  /** sb_publishable_…, acts as role anon. */
  publishableKey: string
  /** sb_secret_…, acts as role service_role. */
  secretKey: string
  /** Refuses public channels. Hosted Supabase has the same setting. */
  privateOnly?: boolean
  limits?: Partial<RealtimeLimits>
  log?: (line: string) => void
}

export interface RealtimeStats {
  connections: number
  channels: number
  isReplicating: boolean
  broadcasts: { published: number; delivered: number }
  changes: { changes: number; batches: number; filterQueries: number; visibilityQueries: number }
  authorization: { readChecks: number; writeChecks: number }
}

export interface RealtimeServer {
  /** Resolves when replication is live. Requires a database with schema.sql applied. */
  start(): Promise<void>
  /** Closes all connections with code 1012 and ends replication. Call it before Postgres stops. */
  stop(): Promise<void>
  handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Resolves to true when the request was for /realtime/v1/api/… and is answered. */
  handleRequest(req: IncomingMessage, res: ServerResponse): Promise<boolean>
  stats(): RealtimeStats
}

const partitionUpkeepMs = 3_600_000
const idleCheckMs = 10_000
const closeGraceMs = 500

/** Creates a server of Supabase Realtime's protocol (versions 1.0.0 and 2.0.0) for one Postgres database. */
export function createRealtimeServer(options: RealtimeOptions): RealtimeServer {
  const log = options.log ?? (() => undefined)
  const limits = { ...defaultLimits, ...options.limits }
  const sql = postgres(options.databaseUrl, {
    max: 4,
    onnotice: () => undefined,
    // No write here needs durability: policy probes are rolled back.
    connection: { application_name: 'realtime', statement_timeout: 5_000, synchronous_commit: 'off', TimeZone: 'UTC' }
  })
  const subscriptions = new Subscriptions()
  const broadcasts = new BroadcastHub()
  const authorizer = new Authorizer(sql)
  const changes = new ChangePipeline({ sql, catalog: new Catalog(sql), subscriptions, maxBytes: limits.changeBytes, log })
  const sockets = new Set<Socket>()
  const webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: limits.frameBytes,
    skipUTF8Validation: true
  })
  const timers: NodeJS.Timeout[] = []
  let isStopping = false

  const channels = () => [...sockets].flatMap(socket => socket.channels)
  const isMessagesTable = ({ schema, table }: Relation) => schema === 'realtime' && table === 'messages'
  const isMessageChange = ({ relation }: Change) => isMessagesTable(relation)
  const gate = new CommitGate(options.databaseUrl, {
    log,
    onVisible(transaction) {
      for (const change of transaction.filter(isMessageChange)) {
        const message = broadcastOfRow(change)
        if (message) broadcasts.publish(message, message.broadcast)
      }
      changes.enqueue(transaction.filter(change => !isMessageChange(change)))
    }
  })
  const reader = new ReplicationReader(options.databaseUrl, {
    isWanted: relation => isMessagesTable(relation) || subscriptions.has(relation),
    onTransaction: transaction => gate.enter(transaction),
    onLive(isResumed) {
      if (isResumed) for (const channel of channels()) channel.announceResumed()
    },
    onLost: error => log(`realtime: replication was interrupted: ${error.message}`)
  })
  const services: Services = {
    sql,
    limits,
    tokens: new Tokens(options),
    authorizer,
    broadcasts,
    presences: new PresenceHub(),
    subscriptions,
    joins: new RateLimit(limits.joinsPerSecond, 1_000),
    messages: new RateLimit(limits.messagesPerSecond, 1_000),
    privateOnly: options.privateOnly ?? false,
    isReplicating: () => reader.isLive,
    log
  }

  const logFailure = (error: Error) => log(`realtime: a connection failed: ${error.message}`)

  async function accept(request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> {
    const handshake = await readHandshake(services.tokens, request)
    if ('error' in handshake) return refuseUpgrade(stream, handshake)
    if (isStopping) return refuseUpgrade(stream, { status: 503, error: 'Realtime is restarting, please standby' })
    if (sockets.size >= limits.connections) return refuseUpgrade(stream, { status: 429, error: 'Too many connected users' })
    // From here on the Socket logs errors of the websocket.
    stream.off('error', logFailure)
    webSockets.handleUpgrade(request, stream, head, webSocket => {
      const socket = new Socket(services, webSocket, handshake)
      sockets.add(socket)
      webSocket.on('close', () => sockets.delete(socket))
    })
  }

  return {
    async start() {
      isStopping = false
      await sql.unsafe(await readFile(new URL('./functions.sql', import.meta.url), 'utf8')).simple()
      await sql`select realtime.maintain_partitions()`
      await reader.start()
      const upkeep = () =>
        sql`select realtime.maintain_partitions()`.catch((error: Error) => log(`realtime: could not maintain partitions: ${error.message}`))
      timers.push(
        setInterval(upkeep, partitionUpkeepMs),
        setInterval(
          () => {
            for (const socket of sockets) socket.closeIfIdle(Date.now())
          },
          Math.min(idleCheckMs, limits.idleMs / 2)
        )
      )
      for (const timer of timers) timer.unref()
    },

    async stop() {
      isStopping = true
      for (const timer of timers.splice(0)) clearInterval(timer)
      await reader.stop()
      await gate.stop()
      await closeSockets(sockets)
      services.presences.stop()
      await sql.end({ timeout: 2 })
    },

    handleUpgrade(request, stream, head) {
      stream.on('error', logFailure)
      accept(request, stream, head).catch((error: Error) => {
        log(`realtime: an upgrade failed: ${error.message}`)
        refuseUpgrade(stream, { status: 500, error: 'Error connecting to Realtime' })
      })
    },

    handleRequest: (request, response) => handleApiRequest(services, request, response),

    stats: () => ({
      connections: sockets.size,
      channels: channels().length,
      isReplicating: reader.isLive,
      broadcasts: { ...broadcasts.counters },
      changes: { ...changes.counters },
      authorization: { ...authorizer.counters }
    })
  }
}

/** Closes all sockets with code 1012, and terminates those that are still open after `closeGraceMs`. */
async function closeSockets(sockets: Set<Socket>): Promise<void> {
  for (const socket of sockets) socket.disconnect(1012, 'Realtime is restarting')
  const deadline = Date.now() + closeGraceMs
  while (sockets.size > 0 && Date.now() < deadline) await new Promise(resolve => setTimeout(resolve, 10))
  for (const socket of sockets) {
    socket.detach()
    socket.terminate()
  }
  sockets.clear()
}
