import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { glob, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { projectRoot } from '../supabase/embedded/cli.ts'
import { takeLock } from './serve/lock.ts'

const inputs = [
  'app/**',
  'modules/**',
  'server/**',
  'service-worker/**',
  'portal/**',
  'shared/**',
  'public/**',
  'nuxt.config.ts',
  'package-lock.json'
]
const stampFile = join(projectRoot, '.output', 'inputs.sha256')
const lockFile = join(projectRoot, 'node_modules', '.cache', 'switchboard', 'build.lock')

export type BuildOptions = { log: (line: string) => void; logFile: string; signal?: AbortSignal }

/** Builds the product unless .output was built from the same sources. Throws an error with the last lines of a failed build. */
export async function ensureBuild(options: BuildOptions): Promise<void> {
  if (await isCurrent()) return
  const lock = await waitForLock(options)
  try {
    if (!(await isCurrent())) await build(options)
  } finally {
    await lock.release()
  }
}

async function build(options: BuildOptions): Promise<void> {
  options.log('Building (about a minute, only after changes)')
  const hash = await hashInputs()
  await mkdir(dirname(options.logFile), { recursive: true })
  const output = createWriteStream(options.logFile)
  await once(output, 'open')
  const child = spawn(process.execPath, [join(projectRoot, 'node_modules', 'nuxt', 'bin', 'nuxt.mjs'), 'build'], {
    cwd: projectRoot,
    stdio: ['ignore', output, output],
    signal: options.signal,
    env: { ...process.env, NODE_ENV: 'production', NUXT_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', NO_COLOR: '1' }
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  output.close()
  if (code !== 0)
    throw new Error(`The build failed:\n${(await readFile(options.logFile, 'utf8')).trim().split('\n').slice(-40).join('\n')}`)
  await writeFile(stampFile, hash)
}

async function isCurrent(): Promise<boolean> {
  const stamp = await readFile(stampFile, 'utf8').catch(() => null)
  return stamp !== null && stamp === (await hashInputs())
}

async function hashInputs(): Promise<string> {
  const files: string[] = []
  for await (const entry of glob(inputs, { cwd: projectRoot, withFileTypes: true })) {
    if (entry.isFile()) files.push(join(entry.parentPath, entry.name))
  }
  const hash = createHash('sha256')
  for (const file of files.sort())
    hash
      .update(`${file.slice(projectRoot.length)}\0`)
      .update(await readFile(file))
      .update('\0')
  return hash.digest('hex')
}

async function waitForLock(options: BuildOptions): Promise<{ release(): Promise<void> }> {
  for (let hasLogged = false; ; hasLogged = true) {
    const lock = await takeLock(lockFile)
    if ('release' in lock) return lock
    if (!hasLogged) options.log(`Waiting for the build of another process (${lock.heldBy})`)
    await sleep(500, undefined, { signal: options.signal })
  }
}

if (import.meta.main) {
  const logFile = join(projectRoot, 'node_modules', '.cache', 'switchboard', 'build.log')
  await ensureBuild({ log: line => console.info(line), logFile })
}
