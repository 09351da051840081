import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { splitRecords } from './lines.ts'
import { Report } from './report.ts'
import { csvRows, FileError, jsonRows, type Row } from './rows.ts'
import { loadServer, type ImportRequest, type Pool, type Server } from './server.ts'
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
    const importer = await findImporter(server, pool, settings)
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

type Run = { settings: ImportSettings, server: Server, pool: Pool, importer: Awaited<ReturnType<Server['findImporter']>>, report: Report, signal: AbortSignal }

async function importRows(run: Run): Promise<boolean> {
  const { settings, report, signal } = run
  const stream = createReadStream(settings.file)
  const records = splitRecords(withoutForeignEncoding(stream), { quoted: settings.format === 'csv' })
  const linesById = new Map<string, number>()
  let line = 0
  try {
    for await (const row of settings.format === 'csv' ? csvRows(records) : jsonRows(records)) {
      if (signal.aborted) {
        report.finish({ isDryRun: settings.isDryRun, stoppedAt: line })
        return false
      }
      line = row.line
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
  const { line } = row
  if ('problem' in row) return report.refuse([{ line, path: row.path, reason: row.problem }])
  const reading = server.readImport(row.value)
  if ('issues' in reading) {
    return report.refuse(reading.issues.map(({ path, message }) => ({ line, id: idOf(row.value), path, reason: message })))
  }
  const id = reading.request.source_id
  const earlier = linesById.get(id)
  if (earlier !== undefined) return report.refuse([{ line, id, path: 'id', reason: `The same as in line ${earlier}` }])
  linesById.set(id, line)
  try {
    const isNew = await write(run, reading.request)
    report.counts[isNew ? 'imported' : 'before']++
    if (isNew && !reading.hasBody) report.counts.withoutBody++
    report.ignore(reading.ignored)
  } catch (error) {
    const failure = server.databaseFailure(error)
    if (!failure) throw error
    if (failure.statusCode >= 500) throw new Interrupted(failure.message)
    report.refuse([{ line, id, path: failure.path, reason: failure.message }])
  }
}

/** Whether the request was new. A dry run does all of it and takes it back. */
async function write({ settings, server, pool, importer: { teamId, userId, email } }: Run, request: ImportRequest): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    let isNew = false
    try {
      await server.asUser({ sub: userId, email }, async (db) => {
        isNew = await server.importTicket(db, teamId, userId, request)
        if (settings.isDryRun) throw new DryRun()
      }, pool.kysely, 'import')
      return isNew
    } catch (error) {
      if (error instanceof DryRun) return isNew
      if (attempt >= 5 || !isCollision(error)) throw error
    }
  }
}

async function findImporter(server: Server, pool: Pool, { team, as }: ImportSettings) {
  try {
    const importer = await server.asService('import', db => server.findImporter(db, team, as), pool.kysely)
    if (!server.roleCan(importer.role, 'tickets.create')) throw new UsageError(`${importer.email} is ${importer.role} of ${team}, and may not create tickets`)
    return importer
  } catch (error) {
    const failure = server.databaseFailure(error)
    if (failure) throw new UsageError(failure.message)
    if (error instanceof Error && 'statusCode' in error) throw new UsageError(error.message)
    throw error
  }
}

// A serialization failure or a deadlock: the transaction has left nothing, and works when tried again.
function isCollision(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '40001' || error.code === '40P01')
}

async function* withoutForeignEncoding(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isFirst = true
  for await (const chunk of chunks) {
    if (isFirst && ((chunk[0] === 0xFF && chunk[1] === 0xFE) || (chunk[0] === 0xFE && chunk[1] === 0xFF))) throw new FileError('The file is in UTF-16; save it as UTF-8')
    isFirst = false
    yield chunk
  }
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
