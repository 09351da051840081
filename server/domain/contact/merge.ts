import { sql } from 'kysely'
import { contactMergeAnswer } from '#shared/schemas/answers/contact'
import type { PageQuery } from '#shared/schemas/page'
import type { ContactMerge } from '#shared/types/api'
import type { Db } from '../../db/types'
import { listOf, type List } from '../page'
import { notFound } from '../refusal'
import { requireContact } from './list'

const columns = Object.keys(contactMergeAnswer.shape) as (keyof ContactMerge)[]

/** Merges a duplicate into a contact. A job moves the tickets of a duplicate with many. Throws 422 when both have an account. */
export async function mergeContacts(
  db: Db,
  teamId: string,
  { contact_id, duplicate_id }: { contact_id: string; duplicate_id: string }
): Promise<ContactMerge> {
  const { rows } = await sql<{ id: string }>`select private.merge_contacts(${teamId}, ${contact_id}, ${duplicate_id}) as id`.execute(db)
  return getMerge(db, teamId, rows[0]!.id)
}

/** Throws 409 when the merge was undone before, or is still running. */
export async function undoMerge(db: Db, teamId: string, mergeId: string): Promise<ContactMerge> {
  await sql`select private.undo_merge(${teamId}, ${mergeId})`.execute(db)
  return getMerge(db, teamId, mergeId)
}

/** The merges into a contact, newest first. */
export async function listMerges(db: Db, teamId: string, contactId: string, query: PageQuery): Promise<List<ContactMerge>> {
  await requireContact(db, teamId, contactId)
  const rows = db
    .selectFrom('contact_merges')
    .select(columns)
    .where('team_id', '=', teamId)
    .where('contact_id', '=', contactId)
    .orderBy('created_at', 'desc')
    .orderBy('id')
  return listOf(db, rows, query)
}

/** Removes at most `limit` merges that can no longer be undone, with their duplicates. Returns the number. */
export async function removeOldMerges(db: Db, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    with old as (
      select id, team_id, duplicate_id, undone_at from contact_merges
      where created_at < now() - interval '30 days' order by created_at limit ${limit}
    ), removed as (
      delete from contacts as contact using old
      where old.undone_at is null and contact.team_id = old.team_id and contact.id = old.duplicate_id and contact.merged_into is not null
    )
    delete from contact_merges as merge using old where merge.id = old.id`.execute(db)
  return Number(numAffectedRows ?? 0)
}

async function getMerge(db: Db, teamId: string, mergeId: string): Promise<ContactMerge> {
  const row = await db
    .selectFrom('contact_merges')
    .select(columns)
    .where('team_id', '=', teamId)
    .where('id', '=', mergeId)
    .executeTakeFirst()
  if (!row) throw notFound()
  return row
}
