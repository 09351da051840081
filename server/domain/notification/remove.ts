import { sql } from 'kysely'
import type { Db } from '../../db/types'

export async function removeOldNotifications(db: Db, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from notifications where id in (select id from notifications where created_at < now() - interval '90 days' limit ${limit})`.execute(
    db
  )
  return Number(numAffectedRows)
}
