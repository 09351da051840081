import { sql } from 'kysely'
import type { ContactCreate, ContactUpdate } from '#shared/schemas/contact'
import type { Contact } from '#shared/types/api'
import type { Db } from '../../db/types'
import type { Caller } from '../caller'
import { deleteOrRefuse, Refusal } from '../refusal'
import { getContact, requireContact } from './list'

/** Throws 409 when another contact of the team has the address, 422 when it is an address of the team itself. */
export async function createContact(
  db: Db,
  { teamId, userId }: Caller,
  { email, organization_id, ...fields }: ContactCreate
): Promise<Contact> {
  await refuseTaken(db, teamId, email)
  const ofDomain = sql<string | null>`private.organization_of(${teamId}, ${email})`
  const { id } = await db
    .insertInto('contacts')
    .values({ ...fields, organization_id: organization_id === undefined ? ofDomain : organization_id, team_id: teamId, created_by: userId })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db.insertInto('contact_addresses').values({ team_id: teamId, address: email, contact_id: id }).execute()
  return getContact(db, teamId, id)
}

/** Blocking needs the permission `contacts.merge`: throws 403 without it. */
export async function updateContact(
  db: Db,
  teamId: string,
  contactId: string,
  { is_blocked, ...changes }: ContactUpdate
): Promise<Contact> {
  if (is_blocked !== undefined) await sql`select private.block_contact(${teamId}, ${contactId}, ${is_blocked})`.execute(db)
  if (Object.keys(changes).length > 0)
    await db
      .updateTable('contacts')
      .set(changes)
      .where('team_id', '=', teamId)
      .where('id', '=', contactId)
      .where('merged_into', 'is', null)
      .execute()
  return getContact(db, teamId, contactId)
}

/** Throws 409 when another contact has the address. An address that this contact already has stays as it is. */
export async function addAddress(db: Db, teamId: string, contactId: string, address: string): Promise<Contact> {
  await requireContact(db, teamId, contactId)
  await refuseTaken(db, teamId, address, contactId)
  await db
    .insertInto('contact_addresses')
    .values({ team_id: teamId, address, contact_id: contactId })
    .onConflict(conflict => conflict.columns(['team_id', 'address']).doNothing())
    .execute()
  return getContact(db, teamId, contactId)
}

export async function makePrimary(db: Db, teamId: string, contactId: string, address: string): Promise<Contact> {
  await sql`select private.set_primary_address(${teamId}, ${contactId}, ${address})`.execute(db)
  return getContact(db, teamId, contactId)
}

/** Throws 422 for the last address. */
export async function removeAddress(db: Db, teamId: string, contactId: string, address: string): Promise<void> {
  await deleteOrRefuse(
    db.deleteFrom('contact_addresses').where('team_id', '=', teamId).where('contact_id', '=', contactId).where('address', '=', address)
  )
}

/** Deletes the contact, and their name and address in their tickets. A job does the rest for a contact with many tickets. */
export async function eraseContact(db: Db, teamId: string, contactId: string): Promise<void> {
  await sql`select private.erase_contact(${teamId}, ${contactId})`.execute(db)
}

/** The id of the contact with this address; undefined if there is none. */
export async function findContactWith(db: Db, teamId: string, address: string): Promise<string | undefined> {
  const holder = await db
    .selectFrom('contact_addresses')
    .select('contact_id')
    .where('team_id', '=', teamId)
    .where('address', '=', address)
    .executeTakeFirst()
  return holder?.contact_id
}

async function refuseTaken(db: Db, teamId: string, address: string, except?: string): Promise<void> {
  const holder = await findContactWith(db, teamId, address)
  if (holder !== undefined && holder !== except)
    throw new Refusal(409, 'address_taken', 'Another contact has this address', { contact_id: holder })
}
