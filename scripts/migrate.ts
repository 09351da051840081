import { applyMigrations } from '../supabase/embedded/migrate.ts'
import { surviveClosedOutput } from './output.ts'

surviveClosedOutput()

const databaseUrl = process.env.DATABASE_URL
if (!databaseUrl) {
  console.error('Set DATABASE_URL to the database to migrate.')
  process.exit(1)
}
const applied = await applyMigrations({ databaseUrl, log: line => console.info(line) })
if (applied === 0) console.info('Nothing to apply')
