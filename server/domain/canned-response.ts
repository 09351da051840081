import type { CannedResponseCreate, CannedResponseUpdate } from '#shared/schemas/canned-response'
import type { CannedResponse } from '#shared/types/api'
import type { Db } from '../db/types'
import { notFound } from './refusal'

const columns = ['id', 'team_id', 'title', 'content', 'category', 'created_by', 'created_at', 'updated_at'] as const

export function listCannedResponses(db: Db, teamId: string): Promise<CannedResponse[]> {
  return db.selectFrom('canned_responses').select(columns).where('team_id', '=', teamId).orderBy('title').orderBy('id').execute()
}

export function createCannedResponse(db: Db, teamId: string, userId: string, fields: CannedResponseCreate): Promise<CannedResponse> {
  return db.insertInto('canned_responses').values({ ...fields, team_id: teamId, created_by: userId }).returning(columns).executeTakeFirstOrThrow()
}

export async function updateCannedResponse(db: Db, teamId: string, responseId: string, changes: CannedResponseUpdate): Promise<CannedResponse> {
  const own = db.selectFrom('canned_responses').select(columns).where('team_id', '=', teamId).where('id', '=', responseId)
  const row = Object.keys(changes).length === 0
    ? await own.executeTakeFirst()
    : await db.updateTable('canned_responses').set(changes).where('team_id', '=', teamId).where('id', '=', responseId).returning(columns).executeTakeFirst()
  if (!row) throw notFound()
  return row
}

export async function deleteCannedResponse(db: Db, teamId: string, responseId: string): Promise<void> {
  const { numDeletedRows } = await db.deleteFrom('canned_responses').where('team_id', '=', teamId).where('id', '=', responseId).executeTakeFirst()
  if (numDeletedRows === 0n) throw notFound()
}
