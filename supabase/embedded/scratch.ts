import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyMigrations } from './migrate.ts'
import { freePort, startPostgres, type Postgres } from './postgres.ts'

/** Runs `work` on a throw-away database that has every migration and nothing else. */
export async function withScratchDatabase<T>(work: (database: Postgres) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'switchboard-scratch-'))
  try {
    const database = await startPostgres({ dataDir, port: await freePort() })
    try {
      await applyMigrations({ databaseUrl: database.postgresUrl })
      return await work(database)
    } finally {
      await database.stop()
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}
