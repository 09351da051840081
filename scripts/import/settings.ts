import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs, parseEnv } from 'node:util'
import { projectRoot } from '../../supabase/embedded/cli.ts'

export interface ImportSettings {
  file: string
  format: 'jsonl' | 'csv'
  team: string
  as: string | undefined
  isDryRun: boolean
  databaseUrl: string
}

export type ExportSettings = Pick<ImportSettings, 'file' | 'team' | 'as' | 'databaseUrl'>

/** An import or export of articles. */
export interface FolderSettings extends Pick<ImportSettings, 'team' | 'as' | 'databaseUrl'> {
  folder: string
  isDryRun: boolean
  /** Where pictures are; null if it is not known. */
  storage: { url: string; secretKey: string } | null
}

/** A mistake of the operator, shown as one line without a stack trace. */
export class UsageError extends Error {}

export const usage = 'Usage: npm run import -- <file.jsonl|file.csv> --team <slug> [--as <email>] [--dry-run]'

/** Parses the command line and finds the database: DATABASE_URL, or the running one of DATA_DIR. */
export function readImportSettings(args: string[]): ImportSettings {
  const { values, positionals } = parse(args, usage)
  const [file, ...others] = positionals
  if (!file || others.length > 0 || !values.team) throw new UsageError(usage)
  const format = /\.(jsonl|ndjson)$/i.test(file) ? 'jsonl' : /\.(csv|tsv)$/i.test(file) ? 'csv' : undefined
  if (!format) throw new UsageError(`${file} is neither .jsonl (one JSON object per line) nor .csv`)
  return { file, format, team: values.team, as: values.as, isDryRun: values['dry-run'] ?? false, databaseUrl: databaseUrl() }
}

export const exportUsage = 'Usage: npm run export -- <file.jsonl> --team <slug> [--as <email>]'

/** Like `readImportSettings`, for an export. */
export function readExportSettings(args: string[]): ExportSettings {
  const { values, positionals } = parse(args, exportUsage)
  const [file, ...others] = positionals
  if (!file || others.length > 0 || !values.team || values['dry-run']) throw new UsageError(exportUsage)
  if (!/\.(jsonl|ndjson)$/i.test(file)) throw new UsageError(`${file} is not .jsonl`)
  return { file, team: values.team, as: values.as, databaseUrl: databaseUrl() }
}

/** `npm run import -- articles <folder>` or `npm run export -- articles <folder>`; undefined for a command about tickets. */
export function readFolderSettings(args: string[], command: 'import' | 'export'): FolderSettings | undefined {
  const usage = `Usage: npm run ${command} -- articles <folder> --team <slug> [--as <email>]${command === 'import' ? ' [--dry-run]' : ''}`
  const { values, positionals } = parse(args, usage)
  const [subject, folder, ...others] = positionals
  if (subject !== 'articles') return
  const isDryRun = values['dry-run'] ?? false
  if (!folder || others.length > 0 || !values.team || (isDryRun && command === 'export')) throw new UsageError(usage)
  return { folder: resolve(folder), team: values.team, as: values.as, isDryRun, databaseUrl: databaseUrl(), storage: storage() }
}

function storage(): FolderSettings['storage'] {
  const { SUPABASE_URL: url, SUPABASE_SECRET_KEY: secretKey } = process.env.DATABASE_URL ? process.env : runningSettings()
  return url && secretKey ? { url, secretKey } : null
}

function parse(args: string[], usage: string) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { 'team': { type: 'string' }, 'as': { type: 'string' }, 'dry-run': { type: 'boolean' } }
    })
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
  }
}

function databaseUrl(): string {
  const envFile = join(projectRoot, '.env')
  if (existsSync(envFile)) process.loadEnvFile(envFile)
  if (process.env.DATABASE_URL) return process.env.DATABASE_URL
  const url = runningSettings().DATABASE_URL
  if (!url)
    throw new UsageError(`No database: start Switchboard first (npm start), or set DATABASE_URL. There is none in ${settingsPath()}.`)
  return url
}

const settingsPath = () => join(resolve(projectRoot, process.env.DATA_DIR || '.data'), 'supabase.env')

// What the running product has written.
function runningSettings(): NodeJS.Dict<string> {
  return existsSync(settingsPath()) ? parseEnv(readFileSync(settingsPath(), 'utf8')) : {}
}
