import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { applyMigrations } from '../../supabase/embedded/migrate.ts'
import { freePort, startPostgres } from '../../supabase/embedded/postgres.ts'
import { copyTemplate } from '../../supabase/embedded/template.ts'
import { createWorld } from './world.ts'

declare module 'vitest' {
  interface ProvidedContext {
    databaseUrls: string[]
  }
}

/** Starts a database for each worker, with all migrations and the world of `createWorld`. Most tests roll back their changes. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cleanups: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const cleanup of cleanups.reverse()) await cleanup()
  }
  try {
    const urls: string[] = []
    for (let worker = 0; worker < project.config.maxWorkers; worker++) urls.push(await startWithWorld(cleanups))
    project.provide('databaseUrls', urls)
    return stop
  } catch (error) {
    await stop()
    throw error
  }
}

async function startWithWorld(cleanups: (() => Promise<void>)[]): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'switchboard-db-'))
  cleanups.push(() => rm(dataDir, { recursive: true, force: true }))
  await copyTemplate('migrated', dataDir)
  const database = await startPostgres({ dataDir, port: await freePort(), isDurable: false })
  cleanups.push(() => database.stop())
  await applyMigrations({ databaseUrl: database.postgresUrl }) // a no-op when the template was already migrated
  const sql = postgres(database.postgresUrl, { max: 1, onnotice: () => {} })
  await createWorld(sql)
  await sql`delete from realtime.messages`
  await sql`truncate private.event_outbox` // no notifications about the world itself
  await sql.end()
  return database.postgresUrl
}
