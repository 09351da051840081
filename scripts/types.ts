// npm run types [-- --check]: generates the types of every table for Kysely
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Kysely, PostgresDialect } from 'kysely'
import { generate, getDialect } from 'kysely-codegen'
import { Pool } from 'pg'
import { projectRoot } from '../supabase/embedded/cli.ts'
import { withScratchDatabase } from '../supabase/embedded/scratch.ts'
import { surviveClosedOutput } from './output.ts'

surviveClosedOutput()

const path = join(projectRoot, 'server', 'db', 'database.types.ts')

const generated = await withScratchDatabase(async ({ postgresUrl }) => {
  const pool = new Pool({ connectionString: postgresUrl, max: 1 })
  pool.on('error', () => {}) // Pool.end() does not wait for its connections, which fail when the database stops
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  try {
    return await generate({
      db,
      dialect: getDialect('postgres'),
      includePattern: '{public,private}.*',
      typeMapping: { timestamptz: 'string' }, // as server/db/pool.ts reads them
      outFile: null
    })
  } finally {
    await db.destroy()
  }
})
if (!process.argv.includes('--check')) {
  await writeFile(path, generated)
} else if ((await readFile(path, 'utf8').catch(() => '')) !== generated) {
  console.error('server/db/database.types.ts does not match the migrations. Run: npm run types')
  process.exitCode = 1
}
