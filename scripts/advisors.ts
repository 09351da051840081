import { cliUrl, runSupabaseCli } from '../supabase/embedded/cli.ts'
import { withScratchDatabase } from '../supabase/embedded/scratch.ts'

const nothing = /^\s*(Connecting to (local|remote) database\.\.\.\s*)?(No issues found\s*)?$/

// Security and performance advice of the Supabase CLI on the migrated schema; there must be none.
const { code, stdout, stderr } = await withScratchDatabase(database =>
  runSupabaseCli(['db', 'advisors', '--db-url', cliUrl(database.postgresUrl), '--level', 'info', '--fail-on', 'info']))
if (code !== 0 || !nothing.test(`${stderr}${stdout}`)) {
  console.error(`${stderr}${stdout}`.trim())
  process.exitCode = 1
}
