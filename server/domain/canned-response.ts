import { sql } from 'kysely'
import type { CannedResponseCreate, CannedResponseUpdate } from '#shared/schemas/canned-response'
import type { PageQuery } from '#shared/schemas/page'
import type { CannedResponse } from '#shared/types/api'
import type { Db } from '../db/types'
import type { Caller } from './caller'
import { alphabetical } from './order'
import { listOf, type List } from './page'
import { deleteOrRefuse, notFound } from './refusal'

const columns = ['id', 'team_id', 'title', 'content', 'category', 'created_by', 'created_at', 'updated_at'] as const

export function listCannedResponses(db: Db, teamId: string, query: PageQuery): Promise<List<CannedResponse>> {
  const rows = db
    .selectFrom('canned_responses')
    .select(columns)
    .where('team_id', '=', teamId)
    .orderBy(alphabetical(sql.ref('title')))
    .orderBy('id')
  return listOf(db, rows, query)
}

export function createCannedResponse(db: Db, { teamId, userId }: Caller, fields: CannedResponseCreate): Promise<CannedResponse> {
  return db
    .insertInto('canned_responses')
    .values({ ...fields, team_id: teamId, created_by: userId })
    .returning(columns)
    .executeTakeFirstOrThrow()
}

export async function updateCannedResponse(
  db: Db,
  teamId: string,
  responseId: string,
  changes: CannedResponseUpdate
): Promise<CannedResponse> {
  const own = db.selectFrom('canned_responses').select(columns).where('team_id', '=', teamId).where('id', '=', responseId)
  const row =
    Object.keys(changes).length === 0
      ? await own.executeTakeFirst()
      : await db
          .updateTable('canned_responses')
          .set(changes)
          .where('team_id', '=', teamId)
          .where('id', '=', responseId)
          .returning(columns)
          .executeTakeFirst()
  if (!row) throw notFound()
  return row
}

export async function deleteCannedResponse(db: Db, teamId: string, responseId: string): Promise<void> {
  await deleteOrRefuse(db.deleteFrom('canned_responses').where('team_id', '=', teamId).where('id', '=', responseId))
}
