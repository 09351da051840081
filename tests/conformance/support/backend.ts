import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import type { Sql } from 'postgres'
import { freePort, startPostgres } from '../../../supabase/embedded/postgres.ts'
import type { Postgres } from '../../../supabase/embedded/postgres.ts'
import { createRealtimeServer } from '../../../supabase/embedded/realtime/server.ts'
import type { RealtimeOptions, RealtimeServer } from '../../../supabase/embedded/realtime/server.ts'
import { loadSecrets } from '../../../supabase/embedded/secrets.ts'
import { copyTemplate } from '../../../supabase/embedded/template.ts'

/** The realtime server of a suite: hosted Supabase if CONFORMANCE_SUPABASE_URL is set, else the embedded one. */
export interface Backend {
  url: string
  key: string
  secretKey: string
  jwtSecret: string
  /** Connected as the role of the migrations. */
  sql: Sql
  /** Null on hosted. */
  embedded: Embedded | null
  stop(): Promise<void>
}

export interface Embedded {
  server(): RealtimeServer
  database: Postgres
  log: string[]
  /** Replaces the realtime server by a new one on the same port and database. */
  restart(options?: Partial<RealtimeOptions>): Promise<void>
}

const { CONFORMANCE_SUPABASE_URL: hostedUrl } = process.env

/** Whether the suite runs against the embedded server. Some tests read its log and counters or stop it. */
export const isEmbedded = !hostedUrl

export async function startBackend(): Promise<Backend> {
  return hostedUrl ? connectHosted(hostedUrl) : startEmbedded()
}

function connectHosted(url: string): Backend {
  const variable = (name: string) => {
    const value = process.env[name]
    if (!value) throw new Error(`${name} is not set`)
    return value
  }
  const sql = postgres(variable('CONFORMANCE_DATABASE_URL'), { max: 4, onnotice: () => undefined })
  return {
    url,
    key: variable('CONFORMANCE_SUPABASE_KEY'),
    secretKey: variable('CONFORMANCE_SUPABASE_SECRET_KEY'),
    jwtSecret: variable('CONFORMANCE_JWT_SECRET'),
    sql,
    embedded: null,
    stop: () => sql.end({ timeout: 2 })
  }
}

async function startEmbedded(): Promise<Backend> {
  const dataDir = await mkdtemp(join(tmpdir(), 'realtime-conformance-'))
  await copyTemplate('bootstrapped', dataDir)
  const database = await startPostgres({ dataDir, port: await freePort(), isDurable: false })
  const secrets = await loadSecrets(dataDir)
  const log: string[] = []
  const create = (options: Partial<RealtimeOptions> = {}) =>
    createRealtimeServer({
      databaseUrl: database.adminUrl,
      jwtSecret: secrets.jwtSecret,
      publishableKey: secrets.publishableKey,
      secretKey: secrets.secretKey,
      log: line => log.push(line),
      ...options
    })
  let realtime = create()
  await realtime.start()
  const http = serve(() => realtime)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const sql = postgres(database.postgresUrl, { max: 4, onnotice: () => undefined })
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    key: secrets.publishableKey,
    secretKey: secrets.secretKey,
    jwtSecret: secrets.jwtSecret,
    sql,
    embedded: {
      server: () => realtime,
      database,
      log,
      async restart(options) {
        await realtime.stop()
        realtime = create(options)
        await realtime.start()
      }
    },
    async stop() {
      await sql.end({ timeout: 2 })
      await realtime.stop()
      http.close()
      http.closeAllConnections()
      await database.stop()
      await rm(dataDir, { recursive: true, force: true })
    }
  }
}

function serve(realtime: () => RealtimeServer): Server {
  const server = createServer((request, response) => {
    realtime()
      .handleRequest(request, response)
      .then(
        isAnswered => {
          if (!isAnswered) response.writeHead(404).end()
        },
        (error: Error) => response.writeHead(500).end(error.message)
      )
  })
  server.on('upgrade', (request, socket, head) => realtime().handleUpgrade(request, socket, head))
  return server
}
