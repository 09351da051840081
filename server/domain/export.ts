import { sql } from 'kysely'
import type { Db } from '../db/types'

export interface Export {
  subject: 'tickets' | 'audit'
  filters: object
  rows: AsyncGenerator
}

/**
 * Writes an export and its filters into the audit log. Reads the first row before that, so that an export that cannot be read is not
 * recorded. Throws 403 without `tickets.export` or `audit.export`.
 */
export async function recordExport(db: Db, teamId: string, { subject, filters, rows }: Export): Promise<void> {
  await rows.next()
  await rows.return(undefined)
  await sql`select private.record_export(${teamId}, ${subject}, ${JSON.stringify(filters)}::text::jsonb)`.execute(db)
}
