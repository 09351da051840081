import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { applyMigrations } from '../../supabase/embedded/migrate.ts'
import { freePort, startPostgres } from '../../supabase/embedded/postgres.ts'
import { createWorld } from './world.ts'

declare module 'vitest' {
  interface ProvidedContext {
    databaseUrl: string
  }
}

/** One database for the suite: every migration and the world. Tests roll back what they do. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'switchboard-db-'))
  const database = await startPostgres({ dataDir, port: await freePort() })
  const stop = async () => {
    await database.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
  try {
    await applyMigrations({ databaseUrl: database.postgresUrl })
    const sql = postgres(database.postgresUrl, { max: 1, onnotice: () => {} })
    await createWorld(sql)
    await sql`delete from realtime.messages`
    await sql`truncate private.event_outbox` // nobody is notified of how the world came to be
    await sql.end()
    project.provide('databaseUrl', database.postgresUrl)
    return stop
  } catch (error) {
    await stop()
    throw error
  }
}
