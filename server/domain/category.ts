import type { Category } from '#shared/types/api'
import type { Db } from '../db/types'

export function listCategories(db: Db, teamId: string): Promise<Category[]> {
  return db.selectFrom('ticket_categories').select(['id', 'key', 'name', 'portal_name']).where('team_id', '=', teamId).orderBy('position').orderBy('name').execute()
}
