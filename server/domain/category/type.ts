import { sql } from 'kysely'
import type { TypeCreate, TypeQuery, TypeUpdate } from '#shared/schemas/category'
import type { TicketType } from '#shared/types/api'
import type { Db } from '../../db/types'
import { listOf, type List } from '../page'
import { Refusal, notFound } from '../refusal'
import { nextPosition, moveTo } from './position'

export function listTypes(db: Db, teamId: string, { category_id, counts, ...query }: TypeQuery): Promise<List<TicketType>> {
  const rows = typeRows(db, teamId)
    .$if(category_id !== undefined, rows => rows.where('category.id', '=', category_id!))
    .$if(counts, rows =>
      rows.select(
        sql<number>`(select count(*)::integer from tickets as ticket where ticket.team_id = type.team_id and ticket.type_id = type.id)`.as(
          'ticket_count'
        )
      )
    )
    .orderBy('category.position')
    .orderBy('category.created_at')
    .orderBy('category.id')
    .orderBy('position')
  return listOf(db, rows, query)
}

/** Throws 400 for an unknown category, 409 when the name is taken, 422 at the limit. */
export async function createType(db: Db, teamId: string, { category_id, name }: TypeCreate): Promise<TicketType> {
  const parent = await db
    .selectFrom('ticket_categories')
    .select('key')
    .where('team_id', '=', teamId)
    .where('id', '=', category_id)
    .executeTakeFirst()
  if (!parent)
    throw new Refusal(400, 'invalid', 'Not a category of this team', {
      issues: [{ path: 'category_id', message: 'Not a category of this team' }]
    })
  const { id } = await db
    .insertInto('ticket_types')
    .values({
      team_id: teamId,
      category: parent.key,
      name,
      position: nextPosition('ticket_types', { team_id: teamId, category: parent.key })
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return getType(db, teamId, id)
}

/** Throws 409 when the name is taken. */
export async function updateType(db: Db, teamId: string, typeId: string, { position, ...changes }: TypeUpdate): Promise<TicketType> {
  const { category } = await getType(db, teamId, typeId)
  if (Object.keys(changes).length > 0)
    await db.updateTable('ticket_types').set(changes).where('team_id', '=', teamId).where('id', '=', typeId).execute()
  if (position !== undefined) await moveTo(db, 'ticket_types', { team_id: teamId, category }, { id: typeId, position })
  return getType(db, teamId, typeId)
}

async function getType(db: Db, teamId: string, typeId: string): Promise<TicketType> {
  const row = await db.selectFrom(typeRows(db, teamId).as('type')).selectAll().where('type.id', '=', typeId).executeTakeFirst()
  if (!row) throw notFound()
  return row
}

function typeRows(db: Db, teamId: string) {
  return db
    .selectFrom('ticket_types as type')
    .innerJoin('ticket_categories as category', join =>
      join.onRef('category.team_id', '=', 'type.team_id').onRef('category.key', '=', 'type.category')
    )
    .select([
      'type.id',
      'category.id as category_id',
      'type.category',
      'type.name',
      sql<number>`(row_number() over (partition by type.category order by type.position, type.created_at, type.id))::integer`.as('position')
    ])
    .where('type.team_id', '=', teamId)
}
