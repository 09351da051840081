import { sql } from 'kysely'
import { contactCreate, type ParticipantCreate, type ParticipantUpdate } from '#shared/schemas/contact'
import type { PageQuery } from '#shared/schemas/page'
import type { Participant } from '#shared/types/api'
import type { Db } from '../db/types'
import type { Caller } from './caller'
import { createContact, findContactWith } from './contact/change'
import { listOf, type List } from './page'
import { deleteOrRefuse, notFound } from './refusal'
import { requireTicket } from './ticket/get'

/** The participants of a ticket, in the order in which they were added. Throws 404 for an unknown ticket. */
export async function listParticipants(db: Db, teamId: string, ticketId: string, query: PageQuery): Promise<List<Participant>> {
  await requireTicket(db, teamId, ticketId)
  return listOf(db, participantRows(db, teamId, ticketId).orderBy('entry.created_at').orderBy('entry.contact_id'), query)
}

/**
 * Adds a participant; adding one again changes whether they may read earlier messages. Throws 404 for an unknown ticket or contact, 422
 * `is_requester`, `own_address` for an address of the team itself, `participant_limit` beyond 20.
 */
export async function addParticipant(
  db: Db,
  caller: Caller,
  ticketId: string,
  { contact_id, email, name, can_read_history }: ParticipantCreate
): Promise<Participant> {
  const { teamId, userId } = caller
  await requireTicket(db, teamId, ticketId)
  const contactId =
    contact_id ?? (await findContactWith(db, teamId, email!)) ?? (await createContact(db, caller, contactCreate.parse({ email, name }))).id
  await db
    .insertInto('ticket_participants')
    .values({ team_id: teamId, ticket_id: ticketId, contact_id: contactId, can_read_history, added_by: userId })
    .onConflict(conflict => conflict.columns(['team_id', 'ticket_id', 'contact_id']).doUpdateSet({ can_read_history }))
    .execute()
  return getParticipant(db, teamId, ticketId, contactId)
}

/** Throws 404 for somebody who does not take part. */
export async function updateParticipant(
  db: Db,
  teamId: string,
  { ticketId, contactId }: { ticketId: string; contactId: string },
  changes: ParticipantUpdate
): Promise<Participant> {
  await getParticipant(db, teamId, ticketId, contactId)
  await db
    .updateTable('ticket_participants')
    .set(changes)
    .where('team_id', '=', teamId)
    .where('ticket_id', '=', ticketId)
    .where('contact_id', '=', contactId)
    .execute()
  return getParticipant(db, teamId, ticketId, contactId)
}

export async function removeParticipant(db: Db, teamId: string, ticketId: string, contactId: string): Promise<void> {
  await deleteOrRefuse(
    db.deleteFrom('ticket_participants').where('team_id', '=', teamId).where('ticket_id', '=', ticketId).where('contact_id', '=', contactId)
  )
}

async function getParticipant(db: Db, teamId: string, ticketId: string, contactId: string): Promise<Participant> {
  const row = await participantRows(db, teamId, ticketId).where('entry.contact_id', '=', contactId).executeTakeFirst()
  if (!row) throw notFound()
  return row
}

function participantRows(db: Db, teamId: string, ticketId: string) {
  return db
    .selectFrom('ticket_participants as entry')
    .innerJoin('contacts as contact', 'contact.id', 'entry.contact_id')
    .select([
      'entry.contact_id',
      'contact.name',
      sql<string | null>`(
        select address.address from contact_addresses as address
        where address.team_id = entry.team_id and address.contact_id = entry.contact_id and address.is_primary)`.as('email'),
      'entry.can_read_history',
      'entry.created_at'
    ])
    .where('entry.team_id', '=', teamId)
    .where('entry.ticket_id', '=', ticketId)
}
