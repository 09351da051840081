import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyMigrations } from './migrate.ts'
import { freePort, startPostgres, type Postgres } from './postgres.ts'
import { copyTemplate } from './template.ts'

/** Runs `work` on a temporary database that has every migration and no data. `isDurable`: see `PostgresOptions`. */
export async function withScratchDatabase<T>(work: (database: Postgres) => Promise<T>, { isDurable = true } = {}): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'switchboard-scratch-'))
  try {
    await copyTemplate('migrated', dataDir)
    const database = await startPostgres({ dataDir, port: await freePort(), isDurable })
    try {
      await applyMigrations({ databaseUrl: database.postgresUrl }) // applies none, unless this machine cannot store templates (template.ts)
      return await work(database)
    } finally {
      await database.stop()
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}
