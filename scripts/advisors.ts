import { cliUrl, runSupabaseCli } from '../supabase/embedded/cli.ts'
import { withScratchDatabase } from '../supabase/embedded/scratch.ts'
import { surviveClosedOutput } from './output.ts'

surviveClosedOutput()

// Security and performance advice of the Supabase CLI on the migrated schema; there must be none.
const { code, stdout, stderr } = await withScratchDatabase(database =>
  runSupabaseCli(['db', 'advisors', '--db-url', cliUrl(database.postgresUrl), '--level', 'info', '--fail-on', 'none'])
)
const list = stdout.slice(Math.max(0, stdout.indexOf('[')))
const advice = list.startsWith('[') ? (JSON.parse(list) as { name: string }[]) : []
// Nothing has been read from this database yet, so that every index is an unused one.
const found = advice.filter(item => item.name !== 'unused_index')
if (code !== 0 || found.length > 0) {
  console.error(code === 0 ? JSON.stringify(found, null, 2) : `${stderr}${stdout}`.trim())
  process.exitCode = 1
}
