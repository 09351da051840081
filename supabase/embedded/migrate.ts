import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { cliUrl, projectRoot, runSupabaseCli } from './cli.ts'
import type { Log } from './postgres.ts'

/**
 * Applies the pending files of supabase/migrations with `supabase db push`, as the role of `databaseUrl` (which must
 * be `postgres`, as on hosted). Returns how many were applied; throws with the CLI's words when one fails.
 */
export async function applyMigrations(options: { databaseUrl: string; log?: Log }): Promise<number> {
  const pending = await pendingMigrations(options.databaseUrl)
  if (pending.length === 0) return 0
  options.log?.(`Applying ${pending.length} ${pending.length === 1 ? 'migration' : 'migrations'}`)
  const { code, stdout, stderr } = await runSupabaseCli(['db', 'push', '--db-url', cliUrl(options.databaseUrl), '--include-all', '--yes'])
  if (code !== 0) throw new Error(`The migrations could not be applied:\n${`${stdout}\n${stderr}`.trim()}`)
  return pending.length
}

/** Versions of the files in supabase/migrations that the database has not seen, oldest first. */
export async function pendingMigrations(databaseUrl: string): Promise<string[]> {
  const files = await readdir(join(projectRoot, 'supabase', 'migrations'))
  const versions = files
    .map(name => /^(\d+)_.*\.sql$/.exec(name)?.[1])
    .filter(version => version !== undefined)
    .sort()
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} })
  try {
    const [history] = await sql<{ present: boolean }[]>`select to_regclass('supabase_migrations.schema_migrations') is not null as present`
    if (!history?.present) return versions
    const applied = new Set(
      (await sql<{ version: string }[]>`select version from supabase_migrations.schema_migrations`).map(row => row.version)
    )
    return versions.filter(version => !applied.has(version))
  } finally {
    await sql.end({ timeout: 5 })
  }
}
