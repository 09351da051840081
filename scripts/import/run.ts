import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Importer } from '#server/domain/ticket/import'
import type { ImportRequest } from '#shared/schemas/import'
import type { Issue } from '#shared/types/api'
import { htmlToText } from './html.ts'
import { findMember } from './member.ts'
import { Report } from './report.ts'
import { csvRows, FileError, jsonRows, type Row } from './rows.ts'
import { loadModule } from '../server-modules.ts'
import { UsageError, type ImportSettings } from './settings.ts'

class DryRun extends Error {}

/** A failure of the database, not of a request: the run ends, and a later one goes on. */
class Interrupted extends Error {}

/**
 * Imports a file, one request a transaction, in the file's order. Resolves with whether nothing was refused. Throws
 * UsageError for what must be mended before it can start. Ends after the request at hand when `signal` is aborted.
 */
export async function importFile(settings: ImportSettings, signal: AbortSignal): Promise<boolean> {
  const size = await fileSize(settings.file)
  const server = await loadServer()
  const pool = server.open(settings.databaseUrl, 1)
  try {
    const importer = await findMember(pool, { ...settings, permission: 'tickets.create' })
    const report = new Report(size)
    try {
      return await importRows({ settings, server, pool, importer, report, signal })
    } finally {
      report.stop()
    }
  } finally {
    await pool.close()
  }
}

type Server = Awaited<ReturnType<typeof loadServer>>
type Pool = ReturnType<Server['open']>
type Run = { settings: ImportSettings, server: Server, pool: Pool, importer: Importer, report: Report, signal: AbortSignal }

/** The parts of the server that an import uses: the same functions that its routes call. */
async function loadServer() {
  const [{ open }, { asUser }, { databaseFailure }, { importTicket }, { readImport }] = await Promise.all([
    loadModule('server/db/pool'), loadModule('server/db/identity'), loadModule('server/db/errors'),
    loadModule('server/domain/ticket/import'), loadModule('shared/schemas/import')
  ])
  return { open, asUser, databaseFailure, importTicket, readImport }
}

async function importRows(run: Run): Promise<boolean> {
  const { settings, report, signal } = run
  const stream = createReadStream(settings.file)
  const linesById = new Map<string, number>()
  let line = 0
  try {
    for await (const row of settings.format === 'csv' ? csvRows(stream) : jsonRows(stream)) {
      if (signal.aborted) {
        report.finish({ isDryRun: settings.isDryRun, stoppedAt: line })
        return false
      }
      line = row.lastLine ?? row.line
      await importRow(run, row, linesById)
      report.progress(stream.bytesRead)
    }
  } catch (error) {
    if (error instanceof Interrupted) report.finish({ isDryRun: settings.isDryRun, stoppedAt: line })
    if (error instanceof FileError || error instanceof Interrupted) throw new UsageError(error.message)
    throw error
  } finally {
    stream.destroy()
  }
  report.finish({ isDryRun: settings.isDryRun })
  return report.counts.refused === 0
}

async function importRow(run: Run, row: Row, linesById: Map<string, number>): Promise<void> {
  const { report, server } = run
  const { line, lastLine } = row
  if ('problem' in row) return report.refuse([{ line, lastLine, path: row.path, reason: row.problem }])
  const reading = server.readImport(row.value, { htmlToText })
  if ('issues' in reading) {
    return report.refuse(reading.issues.map(({ path, message }) => ({ line, lastLine, id: idOf(row.value), path, reason: message })))
  }
  const id = reading.request.source_id
  const earlier = linesById.get(id)
  if (earlier !== undefined) return report.refuse([{ line, lastLine, id, path: 'id', reason: `The same as in line ${earlier}` }])
  linesById.set(id, line)
  try {
    const notes = await write(run, reading.request)
    const isNew = notes !== null
    report.counts[isNew ? 'imported' : 'before']++
    if (isNew && !reading.hasBody) report.counts.withoutBody++
    if (isNew) report.note([...reading.notes, ...notes].map(({ path, message }) => ({ line, lastLine, id, path, reason: message })))
    report.ignore(reading.ignored)
  } catch (error) {
    const failure = server.databaseFailure(error)
    if (!failure) throw error
    if (failure.statusCode >= 500) throw new Interrupted(failure.message)
    report.refuse([{ line, lastLine, id, path: failure.path, reason: failure.message }])
  }
}

/** What was left out or changed; null where the request was imported before. A dry run does all of it and takes it back. */
async function write({ settings, server, pool, importer: { teamId, userId, email } }: Run, request: ImportRequest): Promise<Issue[] | null> {
  for (let attempt = 1; ; attempt++) {
    let notes: Issue[] | null = null
    try {
      await server.asUser({ sub: userId, email }, async (db) => {
        notes = await server.importTicket(db, teamId, request)
        if (settings.isDryRun) throw new DryRun()
      }, pool.kysely)
      return notes
    } catch (error) {
      if (error instanceof DryRun) return notes
      if (attempt >= 5 || !isCollision(error)) throw error
    }
  }
}

// A serialization failure or a deadlock: the transaction has left nothing, and works when tried again.
function isCollision(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '40001' || error.code === '40P01')
}

async function fileSize(path: string): Promise<number> {
  try {
    const found = await stat(path)
    if (!found.isFile()) throw new UsageError(`${path} is not a file`)
    return found.size
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw new UsageError(`${path} cannot be read: ${String(error.code)}`)
    throw error
  }
}

function idOf(value: unknown): string | undefined {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined
  return typeof id === 'string' || typeof id === 'number' ? String(id).slice(0, 200) : undefined
}
