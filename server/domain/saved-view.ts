import { sql } from 'kysely'
import type { PageQuery } from '#shared/schemas/page'
import { readViewFilters, viewConditions, type SavedViewCreate, type SavedViewUpdate } from '#shared/schemas/saved-view'
import type { SavedView } from '#shared/types/api'
import { defaultViews, maxViewCount, type ViewFilters } from '#shared/views'
import type { Db } from '../db/types'
import type { Caller } from './caller'
import { listOf, mapList, type List } from './page'
import { Refusal, deleteOrRefuse, notFound } from './refusal'
import { filterConditions } from './ticket/filter'

const columns = ['id', 'name', 'filters', 'is_shared', 'position', 'user_id', 'created_at', 'updated_at'] as const

interface Row extends Omit<SavedView, 'filters' | 'is_repaired'> {
  filters: unknown
}

export async function listSavedViews(db: Db, teamId: string, query: PageQuery): Promise<List<SavedView>> {
  return mapList(await listOf(db, sidebarViews(db, teamId), query), toSavedView)
}

export async function createSavedView(db: Db, { teamId, userId }: Caller, { filters, ...fields }: SavedViewCreate): Promise<SavedView> {
  return toSavedView(
    await db
      .insertInto('saved_views')
      .values({ ...fields, filters: jsonb(filters), team_id: teamId, user_id: userId })
      .returning(columns)
      .executeTakeFirstOrThrow()
  )
}

/** Throws 403 for a shared view that the caller may not change, and for sharing without the permission. */
export async function updateSavedView(db: Db, teamId: string, viewId: string, { filters, ...fields }: SavedViewUpdate): Promise<SavedView> {
  const changes = { ...fields, ...(filters && { filters: jsonb(filters) }) }
  const row =
    Object.keys(changes).length === 0
      ? undefined
      : await db
          .updateTable('saved_views')
          .set(changes)
          .where('team_id', '=', teamId)
          .where('id', '=', viewId)
          .returning(columns)
          .executeTakeFirst()
  if (row) return toSavedView(row)
  const seen = await db.selectFrom('saved_views').select(columns).where('team_id', '=', teamId).where('id', '=', viewId).executeTakeFirst()
  if (!seen) throw notFound()
  if (Object.keys(changes).length > 0) throw foreignViewRefusal()
  return toSavedView(seen)
}

export async function deleteSavedView(db: Db, teamId: string, viewId: string): Promise<void> {
  await deleteOrRefuse(db.deleteFrom('saved_views').where('team_id', '=', teamId).where('id', '=', viewId), async () => {
    const seen = await db.selectFrom('saved_views').select('id').where('team_id', '=', teamId).where('id', '=', viewId).executeTakeFirst()
    return seen && foreignViewRefusal()
  })
}

export async function countSavedViews(db: Db, caller: Caller): Promise<Record<string, number>> {
  const views = [...defaultViews, ...(await sidebarViews(db, caller.teamId).execute()).map(toSavedView)]
  const counts = views.map(({ id, filters }) =>
    db
      .selectFrom(from =>
        from
          .selectFrom('tickets as ticket')
          .select(sql<number>`1`.as('one'))
          .where('ticket.team_id', '=', caller.teamId)
          .where(eb => filterConditions(eb, viewConditions(filters), caller))
          .limit(maxViewCount)
          .as('shown')
      )
      .select([sql<string>`${id}::text`.as('id'), sql<number>`count(*)::integer`.as('count')])
  )
  const [first, ...others] = counts
  const rows = await others.reduce((all, one) => all.unionAll(one), first!).execute()
  return Object.fromEntries(rows.map(({ id, count }) => [id, count]))
}

// A person has at most 50 views, and a team shares at most 50.
function sidebarViews(db: Db, teamId: string) {
  return db
    .selectFrom('saved_views')
    .select(columns)
    .where('team_id', '=', teamId)
    .orderBy('is_shared')
    .orderBy('position')
    .orderBy('created_at')
    .orderBy('id')
}

function toSavedView({ filters: stored, ...row }: Row): SavedView {
  const { filters, isRepaired } = readViewFilters(stored)
  return { ...row, filters, is_repaired: isRepaired }
}

function foreignViewRefusal(): Refusal {
  return new Refusal(403, 'forbidden', 'Your role does not allow changing shared views')
}

function jsonb(filters: ViewFilters) {
  return sql<ViewFilters>`${JSON.stringify(filters)}::text::jsonb`
}
