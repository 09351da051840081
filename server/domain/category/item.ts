import { sql } from 'kysely'
import type { ItemCreate, ItemQuery, ItemUpdate } from '#shared/schemas/category'
import type { TicketItem } from '#shared/types/api'
import type { Db } from '../../db/types'
import { listOf, type List } from '../page'
import { Refusal, notFound } from '../refusal'
import { nextPosition, moveTo } from './position'

export function listItems(db: Db, teamId: string, { type_id, counts, ...query }: ItemQuery): Promise<List<TicketItem>> {
  const rows = itemRows(db, teamId)
    .$if(type_id !== undefined, rows => rows.where('item.type_id', '=', type_id!))
    .$if(counts, rows =>
      rows.select(
        sql<number>`(select count(*)::integer from tickets as ticket where ticket.team_id = item.team_id and ticket.type_id = item.type_id and ticket.item_id = item.id)`.as(
          'ticket_count'
        )
      )
    )
    .orderBy('item.type_id')
    .orderBy('position')
  return listOf(db, rows, query)
}

/** Throws 400 for an unknown type, 409 when the name is taken, 422 at the limit. */
export async function createItem(db: Db, teamId: string, { type_id, name }: ItemCreate): Promise<TicketItem> {
  const parent = await db.selectFrom('ticket_types').select('id').where('team_id', '=', teamId).where('id', '=', type_id).executeTakeFirst()
  if (!parent)
    throw new Refusal(400, 'invalid', 'Not a type of this team', { issues: [{ path: 'type_id', message: 'Not a type of this team' }] })
  const { id } = await db
    .insertInto('ticket_items')
    .values({ team_id: teamId, type_id, name, position: nextPosition('ticket_items', { team_id: teamId, type_id }) })
    .returning('id')
    .executeTakeFirstOrThrow()
  return getItem(db, teamId, id)
}

/** Throws 409 when the name is taken. */
export async function updateItem(db: Db, teamId: string, itemId: string, { position, ...changes }: ItemUpdate): Promise<TicketItem> {
  const { type_id } = await getItem(db, teamId, itemId)
  if (Object.keys(changes).length > 0)
    await db.updateTable('ticket_items').set(changes).where('team_id', '=', teamId).where('id', '=', itemId).execute()
  if (position !== undefined) await moveTo(db, 'ticket_items', { team_id: teamId, type_id }, { id: itemId, position })
  return getItem(db, teamId, itemId)
}

async function getItem(db: Db, teamId: string, itemId: string): Promise<TicketItem> {
  const row = await db.selectFrom(itemRows(db, teamId).as('item')).selectAll().where('item.id', '=', itemId).executeTakeFirst()
  if (!row) throw notFound()
  return row
}

function itemRows(db: Db, teamId: string) {
  return db
    .selectFrom('ticket_items as item')
    .select([
      'item.id',
      'item.type_id',
      'item.name',
      sql<number>`(row_number() over (partition by item.type_id order by item.position, item.created_at, item.id))::integer`.as('position')
    ])
    .where('item.team_id', '=', teamId)
}
