import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The directory that contains supabase/. */
export const projectRoot = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..')

export type CliResult = { code: number; stdout: string; stderr: string }

/** Runs the Supabase CLI (npm package `supabase`) on this project, without telemetry and update check. */
export async function runSupabaseCli(args: string[]): Promise<CliResult> {
  const manifest = createRequire(import.meta.url).resolve('supabase/package.json')
  const { bin } = createRequire(import.meta.url)(manifest) as { bin: { supabase: string } }
  // The CLI writes to its user's home directory. A temporary one keeps it out of the real home.
  const home = await mkdtemp(join(tmpdir(), 'switchboard-cli-'))
  try {
    const child = spawn(process.execPath, [join(dirname(manifest), bin.supabase), ...args, '--workdir', projectRoot, '--agent', 'no'], {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        HOME: home,
        XDG_CONFIG_HOME: home,
        DO_NOT_TRACK: '1',
        SUPABASE_TELEMETRY_DISABLED: '1',
        SUPABASE_NO_UPDATE_NOTIFIER: '1',
        NO_COLOR: '1'
      }
    })
    const output = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
    const [code] = (await once(child, 'close')) as [number | null]
    return { code: code ?? 1, ...output }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/** Adds `sslmode=disable` for loopback: the CLI requires TLS by default, and the embedded server has no TLS. */
export function cliUrl(databaseUrl: string): string {
  const url = new URL(databaseUrl)
  if (['127.0.0.1', 'localhost'].includes(url.hostname) && !url.searchParams.has('sslmode')) url.searchParams.set('sslmode', 'disable')
  return url.href
}
