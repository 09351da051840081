import { cliUrl, runSupabaseCli } from '../supabase/embedded/cli.ts'
import { withScratchDatabase } from '../supabase/embedded/scratch.ts'
import { surviveClosedOutput } from './output.ts'

surviveClosedOutput()

// Fails when the Supabase CLI has security or performance advice for the migrated schema.
const { code, stdout, stderr } = await withScratchDatabase(database =>
  runSupabaseCli(['db', 'advisors', '--db-url', cliUrl(database.postgresUrl), '--level', 'info', '--fail-on', 'none'])
)
const list = stdout.slice(Math.max(0, stdout.indexOf('[')))
const advice = list.startsWith('[') ? (JSON.parse(list) as { name: string }[]) : []
// Nothing has been read from this database, so that every index counts as unused.
const relevant = advice.filter(item => item.name !== 'unused_index')
if (code !== 0 || relevant.length > 0) {
  console.error(code === 0 ? JSON.stringify(relevant, null, 2) : `${stderr}${stdout}`.trim())
  process.exitCode = 1
}
