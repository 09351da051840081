import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { cliUrl, projectRoot, runSupabaseCli } from './cli.ts'
import type { Log } from './postgres.ts'

/**
 * Applies the pending files of supabase/migrations with `supabase db push` and returns their number. The role of
 * `databaseUrl` must be `postgres`, as on hosted. Throws the CLI's output when a migration fails.
 */
export async function applyMigrations(options: { databaseUrl: string; log?: Log }): Promise<number> {
  const pending = await pendingMigrations(options.databaseUrl)
  if (pending.length === 0) return 0
  options.log?.(`Applying ${pending.length} ${pending.length === 1 ? 'migration' : 'migrations'}`)
  const { code, stdout, stderr } = await runSupabaseCli(['db', 'push', '--db-url', cliUrl(options.databaseUrl), '--include-all', '--yes'])
  if (code !== 0) throw new Error(`Could not apply the migrations:\n${`${stdout}\n${stderr}`.trim()}`)
  return pending.length
}

/** Versions of the files in supabase/migrations that are not applied yet, oldest first. */
export async function pendingMigrations(databaseUrl: string): Promise<string[]> {
  const files = await readdir(join(projectRoot, 'supabase', 'migrations'))
  const versions = files
    .map(name => /^(\d+)_.*\.sql$/.exec(name)?.[1])
    .filter(version => version !== undefined)
    .sort()
  // No arrays are read. The query for their types has a promise that postgres.js never awaits: when the server goes away in between, its
  // rejection would end this process.
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {}, fetch_types: false })
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
