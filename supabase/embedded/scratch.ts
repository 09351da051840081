import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyMigrations } from './migrate.ts'
import { freePort, startPostgres, type Postgres } from './postgres.ts'
import { copyTemplate } from './template.ts'

/** Runs `work` on a throw-away database that has every migration and nothing else. `isDurable`: as of `startPostgres`. */
export async function withScratchDatabase<T>(work: (database: Postgres) => Promise<T>, { isDurable = true } = {}): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'switchboard-scratch-'))
  try {
    await copyTemplate('migrated', dataDir)
    const database = await startPostgres({ dataDir, port: await freePort(), isDurable })
    try {
      await applyMigrations({ databaseUrl: database.postgresUrl }) // all are there, unless this machine keeps no templates
      return await work(database)
    } finally {
      await database.stop()
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}
