import { sql } from 'kysely'
import type { Db } from '../db/types'

export interface Export {
  subject: 'tickets' | 'audit'
  filters: object
  rows: AsyncGenerator
}

/**
 * Writes into the team's log who takes what out, narrowed by which filters. The first of its rows is read before that:
 * what cannot be read is no export. Throws 403 without `tickets.export` or `audit.export`.
 */
export async function recordExport(db: Db, teamId: string, { subject, filters, rows }: Export): Promise<void> {
  await rows.next()
  await rows.return(undefined)
  await sql`select private.record_export(${teamId}, ${subject}, ${JSON.stringify(filters)}::text::jsonb)`.execute(db)
}
