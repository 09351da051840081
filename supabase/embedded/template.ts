import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { glob, lstat, mkdir, mkdtemp, readFile, readdir, rename, rm, stat } from 'node:fs/promises'
import { arch, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { projectRoot } from './cli.ts'
import { applyMigrations } from './migrate.ts'
import { exists } from './postgres-install.ts'
import { freePort, startPostgres } from './postgres.ts'

export type TemplateKind = 'bootstrapped' | 'migrated'

const templates = join(projectRoot, 'node_modules', '.cache', 'switchboard', 'clusters')
const maxAgeMs = 24 * 3_600_000
const run = promisify(execFile)

/**
 * Copies a template cluster into a new data directory. A template is built once per state of the sources: by initdb and
 * bootstrap.ts, and for `migrated` by every migration. A copy takes 1 s, a build 10 s. For tests and checks only: all copies
 * share the same secrets.
 */
export async function copyTemplate(kind: TemplateKind, dataDir: string): Promise<void> {
  const template = join(templates, `${kind}-${await hashSources(kind)}`)
  if (!(await exists(template))) await createTemplate(kind, template)
  // Not fs.cp, which does not preserve owner and mode: Postgres checks both.
  if (await exists(template)) await run('cp', ['-a', `${template}/.`, dataDir])
}

async function createTemplate(kind: TemplateKind, template: string): Promise<void> {
  await mkdir(templates, { recursive: true })
  await removeOldTemplates()
  const dataDir = await mkdtemp(join(tmpdir(), 'switchboard-template-'))
  const temporary = `${template}.${process.pid}`
  try {
    if (kind === 'migrated') await copyTemplate('bootstrapped', dataDir)
    const database = await startPostgres({ dataDir, port: await freePort(), isDurable: false })
    try {
      if (kind === 'migrated') await applyMigrations({ databaseUrl: database.postgresUrl })
    } finally {
      await database.stop()
    }
    // Where Postgres cannot access the data directory, postgres-install.ts puts the cluster elsewhere. It cannot be a template then.
    if ((await lstat(join(dataDir, 'postgres'))).isSymbolicLink()) return
    await run('cp', ['-a', dataDir, temporary])
    await rename(temporary, template).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error // another process created it first
    })
  } finally {
    for (const path of [dataDir, temporary]) await rm(path, { recursive: true, force: true })
  }
}

async function removeOldTemplates(): Promise<void> {
  for (const name of await readdir(templates)) {
    const path = join(templates, name)
    if ((await stat(path)).ctimeMs < Date.now() - maxAgeMs) await rm(path, { recursive: true, force: true })
  }
}

async function hashSources(kind: TemplateKind): Promise<string> {
  const sources = [
    'package-lock.json',
    'supabase/embedded/**',
    ...(kind === 'migrated' ? ['supabase/config.toml', 'supabase/migrations/**'] : [])
  ]
  const files: string[] = []
  for await (const entry of glob(sources, { cwd: projectRoot, withFileTypes: true })) {
    if (entry.isFile()) files.push(join(entry.parentPath, entry.name))
  }
  const hash = createHash('sha256').update(`${arch()} ${process.getuid?.()}`)
  for (const file of files.sort())
    hash
      .update(`${file.slice(projectRoot.length)}\0`)
      .update(await readFile(file))
      .update('\0')
  return hash.digest('hex').slice(0, 32)
}
