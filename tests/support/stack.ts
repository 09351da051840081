import { isWeakPassword } from '../../shared/utils/weak-password.ts'
import { applyMigrations } from '../../supabase/embedded/migrate.ts'
import { freePort, startStack } from '../../supabase/embedded/stack.ts'
import { copyTemplate } from '../../supabase/embedded/template.ts'

// The embedded Supabase runs in its own process, as with `npm start`, so that it does not slow the process of the tests.
const [dataDir, siteUrl] = process.argv.slice(2) as [string, string]
await copyTemplate('migrated', dataDir)
const stack = await startStack({
  dataDir,
  supabasePort: await freePort(),
  postgresPort: await freePort(),
  siteUrl,
  rateLimitFactor: 1_000,
  isWeakPassword,
  isDurable: false,
  passwordCost: 4
})
process.once('disconnect', () => stack.stop().finally(() => process.exit()))
await applyMigrations({ databaseUrl: stack.env.DATABASE_URL })
process.send!({ env: stack.env, inboxUrl: stack.inboxUrl })
