import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Db } from '#server/db/types'
import type { Importer } from '#server/domain/ticket/import'
import type { ImportReading, ImportRequest } from '#shared/schemas/import'
import type { Issue } from '#shared/types/api'
import { htmlToText } from './html.ts'
import { findMember } from './member.ts'
import { Report, type Finding } from './report.ts'
import { csvRows, FileError, jsonRows, RowReader, type ReadRow, type Row } from './rows.ts'
import { loadModule } from '../server-modules.ts'
import { UsageError, type ImportSettings } from './settings.ts'

class DryRun extends Error {}

/** A part of a conversation cannot be imported, so that the whole request is refused. */
class RefusedRequest extends Error {
  readonly findings: Finding[]

  constructor(findings: Finding[]) {
    super('The request was refused')
    this.findings = findings
  }
}

/** The database failed, not a request: the run ends, and a later run continues. */
class Interrupted extends Error {}

/**
 * Imports a file in order, one request per transaction. Resolves with true when nothing was refused. Throws UsageError for
 * mistakes of the operator. Stops after the current request when `signal` is aborted.
 */
export async function importFile(settings: ImportSettings, signal: AbortSignal): Promise<boolean> {
  const size = await fileSize(settings.file)
  const server = await loadServer()
  server.configureDatabase(settings.databaseUrl, 1)
  try {
    const importer = await findMember({ ...settings, permission: 'tickets.create' })
    const report = new Report(size)
    try {
      return await importRows({ settings, server, importer, report, signal })
    } finally {
      report.stop()
    }
  } finally {
    await server.closePool()
  }
}

type Server = Awaited<ReturnType<typeof loadServer>>
type Run = { settings: ImportSettings; server: Server; importer: Importer; report: Report; signal: AbortSignal }
type Reading = Extract<ImportReading, { request: unknown }>

/** Loads the server functions that an import shares with the routes. */
async function loadServer() {
  const [
    { closePool, configureDatabase },
    { asUser },
    { databaseFailure },
    { importTicket, importReplies },
    { readImport, readImportPart }
  ] = await Promise.all([
    loadModule('server/db/pool'),
    loadModule('server/db/identity'),
    loadModule('server/db/errors'),
    loadModule('server/domain/ticket/import'),
    loadModule('shared/schemas/import')
  ])
  return { closePool, configureDatabase, asUser, databaseFailure, importTicket, importReplies, readImport, readImportPart }
}

async function importRows(run: Run): Promise<boolean> {
  const { settings, report, signal } = run
  const stream = createReadStream(settings.file)
  const rows = new RowReader(settings.format === 'csv' ? csvRows(stream) : jsonRows(stream))
  const linesById = new Map<string, number>()
  try {
    for (let row = await rows.peek(); row; row = await rows.peek()) {
      if (signal.aborted) {
        report.finish({ isDryRun: settings.isDryRun, stoppedAt: rows.line })
        return false
      }
      await importRow(run, rows, linesById)
      report.progress(stream.bytesRead)
    }
  } catch (error) {
    if (error instanceof Interrupted) report.finish({ isDryRun: settings.isDryRun, stoppedAt: rows.line })
    if (error instanceof FileError || error instanceof Interrupted) throw new UsageError(error.message)
    throw error
  } finally {
    stream.destroy()
  }
  report.finish({ isDryRun: settings.isDryRun })
  return report.counts.refused === 0
}

async function importRow(run: Run, rows: RowReader, linesById: Map<string, number>): Promise<void> {
  const row = await rows.take()
  if ('problem' in row) return run.report.refuse([{ line: row.line, lastLine: row.lastLine, path: row.path, reason: row.problem }])
  const isWritten = await importRequest(run, rows, row, linesById)
  // Skip the other records of its conversation.
  if (!isWritten) while (isPartOf(row.value, await rows.peek())) await rows.take()
}

/** Imports a request with its conversation. Returns false when it was refused or imported before. */
async function importRequest(
  run: Run,
  rows: RowReader,
  { line, lastLine, value }: ReadRow,
  linesById: Map<string, number>
): Promise<boolean> {
  const { report, server } = run
  const refuse = (findings: Finding[]) => {
    report.refuse(findings)
    return false
  }
  const reading = server.readImport(value, { htmlToText })
  if ('issues' in reading) return refuse(findingsOf({ line, lastLine, value }, reading.issues))
  const id = reading.request.source_id
  const earlier = linesById.get(id)
  if (earlier !== undefined) return refuse([{ line, lastLine, id, path: 'id', reason: `Duplicate of line ${earlier}` }])
  linesById.set(id, line)
  try {
    const notes = await write(run, rows, { line, lastLine, value }, reading)
    const isNew = notes !== null
    report.counts[isNew ? 'imported' : 'alreadyImported']++
    if (isNew && !reading.hasBody) report.counts.withoutBody++
    if (isNew) report.note(notes)
    report.ignore(reading.ignored)
    return isNew
  } catch (error) {
    if (error instanceof RefusedRequest) return refuse(error.findings)
    const failure = server.databaseFailure(error)
    if (!failure) throw error
    if (failure.statusCode >= 500) throw new Interrupted(failure.message)
    return refuse([{ line, lastLine, id, path: failure.path, reason: failure.message }])
  }
}

/** Returns what was left out or changed; null when the request was imported before. A dry run rolls everything back. */
async function write(run: Run, rows: RowReader, row: ReadRow, reading: Reading): Promise<Finding[] | null> {
  const {
    settings,
    server,
    importer: { teamId, userId, email }
  } = run
  for (let attempt = 1; ; attempt++) {
    let notes: Finding[] | null = null
    try {
      await server.asUser(
        { sub: userId, email },
        async db => {
          const changed = await server.importTicket(db, teamId, reading.request)
          notes = changed && findingsOf(row, [...reading.notes, ...changed])
          if (notes && reading.continues) notes.push(...(await writeParts(run, db, rows, row, reading.request)))
          if (settings.isDryRun) throw new DryRun()
        },
        { timeout: 'export' }
      )
      return notes
    } catch (error) {
      if (error instanceof DryRun) return notes
      // A conversation over several records cannot be retried: its records are not kept in memory.
      if (attempt >= 5 || reading.continues || !isCollision(error)) throw error
    }
  }
}

/** Writes the other records of a conversation, one at a time. Throws RefusedRequest when it is incomplete. */
async function writeParts(
  { server, importer, report }: Run,
  db: Db,
  rows: RowReader,
  first: ReadRow,
  request: ImportRequest
): Promise<Finding[]> {
  const notes: Finding[] = []
  let stated = request.replies.at(-1)?.created_at ?? null
  for (let isOpen = true; isOpen;) {
    const next = await rows.peek()
    if (!isPartOf(first.value, next))
      throw new RefusedRequest(findingsOf(first, [{ path: 'continues', message: 'The next record does not continue this conversation' }]))
    await rows.take()
    const part = server.readImportPart(next.value, request, { htmlToText })
    if ('issues' in part) throw new RefusedRequest(findingsOf(next, part.issues))
    const changed = await server.importReplies(db, importer.teamId, request, { replies: part.replies, stated })
    notes.push(...findingsOf(next, [...part.notes, ...changed]))
    report.ignore(part.ignored)
    if (part.replies.length > 0) stated = part.replies.at(-1)!.created_at
    isOpen = part.continues
  }
  return notes
}

function findingsOf({ line, lastLine, value }: ReadRow, issues: Issue[]): Finding[] {
  return issues.map(({ path, message }) => ({ line, lastLine, id: idOf(value), path, reason: message }))
}

/** Whether `row` continues the conversation of the record `first`. */
function isPartOf(first: unknown, row: Row | undefined): row is ReadRow {
  if (!row || 'problem' in row || typeof row.value !== 'object' || row.value === null) return false
  return !('title' in row.value) && !('subject' in row.value) && idOf(row.value) !== undefined && idOf(row.value) === idOf(first)
}

// A serialization failure (40001) or deadlock (40P01): the transaction was rolled back and can be retried.
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
