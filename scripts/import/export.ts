import { createWriteStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { loadModule } from '../server-modules.ts'
import { findMember } from './member.ts'
import { UsageError, type ExportSettings } from './settings.ts'

/**
 * Writes every ticket of a team into a file, one JSON object per line, from one snapshot, and records the export in the audit
 * log. Throws UsageError for mistakes of the operator. Leaves no partial file.
 */
export async function exportFile({ file, team, as, databaseUrl }: ExportSettings): Promise<{ requests: number; replies: number }> {
  if (
    await stat(file).then(
      () => true,
      () => false
    )
  )
    throw new UsageError(`${file} exists already`)
  const [{ closePool, configureDatabase }, { asUser }, { databaseFailure }, { recordExport }, { exchangeRequests }] = await Promise.all([
    loadModule('server/db/pool'),
    loadModule('server/db/identity'),
    loadModule('server/db/errors'),
    loadModule('server/domain/export'),
    loadModule('server/domain/ticket/exchange')
  ])
  const counts = { requests: 0, replies: 0 }
  configureDatabase(databaseUrl, 2)
  const part = `${file}.part`
  try {
    const member = await findMember({ team, as, permission: 'tickets.export' })
    const claims = { sub: member.userId, email: member.email }
    await asUser(
      claims,
      db =>
        recordExport(db, member.teamId, { subject: 'tickets', filters: { format: 'jsonl' }, rows: exchangeRequests(db, member.teamId) }),
      {
        channel: 'api'
      }
    )
    await asUser(
      claims,
      async db => {
        const lines = async function* () {
          for await (const request of exchangeRequests(db, member.teamId)) {
            if ('title' in request) counts.requests++
            counts.replies += request.replies.length
            yield `${JSON.stringify(request)}\n`
          }
        }
        await pipeline(Readable.from(lines()), createWriteStream(part, { flags: 'wx' }))
      },
      { isReadOnly: true, hasOneSnapshot: true, timeout: 'export' }
    )
    await rename(part, file)
    return counts
  } catch (error) {
    await rm(part, { force: true })
    if (
      error instanceof Error &&
      'code' in error &&
      typeof error.code === 'string' &&
      /^E[A-Z]+$/.test(error.code) &&
      'syscall' in error &&
      error.syscall === 'open'
    )
      throw new UsageError(`${file} cannot be written: ${error.code}`)
    const failure = databaseFailure(error)
    throw failure ? new UsageError(failure.message) : error
  } finally {
    await closePool()
  }
}
