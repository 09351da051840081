import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectRoot } from '../supabase/embedded/cli.ts'
import { withScratchDatabase } from '../supabase/embedded/scratch.ts'
import { surviveClosedOutput } from './output.ts'
import { generateTypes } from './types/generate.ts'

surviveClosedOutput()

const path = join(projectRoot, 'shared', 'types', 'database.types.ts')

const generated = await withScratchDatabase(database => generateTypes(database.postgresUrl, 'public'))
if (!process.argv.includes('--check')) {
  await writeFile(path, generated)
} else if ((await readFile(path, 'utf8').catch(() => '')) !== generated) {
  console.error('shared/types/database.types.ts does not match the migrations. Run: npm run types')
  process.exitCode = 1
}
