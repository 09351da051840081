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
const keptForMs = 24 * 3_600_000
const run = promisify(execFile)

/**
 * Fills a new data directory with a cluster that initdb, bootstrap.ts and, for `migrated`, every migration have made once for these
 * sources: a copy takes a second, the original ten. For tests and checks alone, as all copies have the same secrets.
 */
export async function copyTemplate(kind: TemplateKind, dataDir: string): Promise<void> {
  const template = join(templates, `${kind}-${await keyOf(kind)}`)
  if (!(await exists(template))) await createTemplate(kind, template)
  // fs.cp keeps neither owner nor mode, and Postgres insists on both.
  if (await exists(template)) await run('cp', ['-a', `${template}/.`, dataDir])
}

async function createTemplate(kind: TemplateKind, template: string): Promise<void> {
  await mkdir(templates, { recursive: true })
  await removeOld()
  const dataDir = await mkdtemp(join(tmpdir(), 'switchboard-template-'))
  const unfinished = `${template}.${process.pid}`
  try {
    if (kind === 'migrated') await copyTemplate('bootstrapped', dataDir)
    const database = await startPostgres({ dataDir, port: await freePort(), isDurable: false })
    try {
      if (kind === 'migrated') await applyMigrations({ databaseUrl: database.postgresUrl })
    } finally {
      await database.stop()
    }
    // A data directory that Postgres cannot reach is a link to one that it can: postgres-install.ts. There is nothing to copy.
    if ((await lstat(join(dataDir, 'postgres'))).isSymbolicLink()) return
    await run('cp', ['-a', dataDir, unfinished])
    await rename(unfinished, template).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error // another process was faster
    })
  } finally {
    for (const path of [dataDir, unfinished]) await rm(path, { recursive: true, force: true })
  }
}

async function removeOld(): Promise<void> {
  for (const name of await readdir(templates)) {
    const path = join(templates, name)
    if ((await stat(path)).ctimeMs < Date.now() - keptForMs) await rm(path, { recursive: true, force: true })
  }
}

async function keyOf(kind: TemplateKind): Promise<string> {
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
