// The types of every table for Kysely: node scripts/types.ts [--check]
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Cli } from 'kysely-codegen'
import { projectRoot } from '../supabase/embedded/cli.ts'
import { withScratchDatabase } from '../supabase/embedded/scratch.ts'
import { surviveClosedOutput } from './output.ts'

surviveClosedOutput()

const path = join(projectRoot, 'server', 'db', 'database.types.ts')

const generated = await withScratchDatabase(database =>
  new Cli().generate({
    url: database.postgresUrl,
    dialect: 'postgres',
    includePattern: '{public,private}.*',
    typeMapping: { timestamptz: 'string' }, // as server/db/pool.ts reads them
    logLevel: 'silent',
    outFile: null
  })
)
if (!process.argv.includes('--check')) {
  await writeFile(path, generated)
} else if ((await readFile(path, 'utf8').catch(() => '')) !== generated) {
  console.error('server/db/database.types.ts does not match the migrations. Run: npm run types')
  process.exitCode = 1
}
