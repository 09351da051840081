import { sql } from 'kysely'
import { contact } from '#shared/schemas/answers/contact'
import type { ContactQuery } from '#shared/schemas/contact'
import type { Contact } from '#shared/types/api'
import type { Db } from '../../db/types'
import { alphabetical } from '../order'
import { listOf, type List } from '../page'
import { notFound } from '../refusal'

const columns = (Object.keys(contact.shape) as (keyof Contact)[]).map(name => `contact.${name}` as const)
const contactView = sql<Contact>`private.contact_rows`.as('contact')

/** Contacts by name, then by address. `q` matches parts of names and addresses. */
export function listContacts(db: Db, teamId: string, { q, organization_id, blocked, ...page }: ContactQuery): Promise<List<Contact>> {
  let rows = contactRows(db, teamId)
  const words = q?.split(/\s+/).filter(Boolean) ?? []
  if (words.length > 0) rows = rows.where(sql<boolean>`contact.id in (select private.found_contacts(${teamId}, ${words}::text[]))`)
  if (organization_id !== undefined) rows = rows.where('contact.organization_id', '=', organization_id)
  if (blocked !== undefined) rows = rows.where('contact.blocked_at', blocked ? 'is not' : 'is', null)
  return listOf(db, rows.orderBy(alphabetical(sql`coalesce(contact.name, contact.email, '')`)).orderBy('contact.id'), page)
}

export async function getContact(db: Db, teamId: string, contactId: string): Promise<Contact> {
  const row = await contactRows(db, teamId).where('contact.id', '=', contactId).executeTakeFirst()
  if (!row) throw notFound()
  return row
}

/** Throws 404 for a contact that the caller does not see. Does not count their tickets, as `getContact` does. */
export async function requireContact(db: Db, teamId: string, contactId: string): Promise<void> {
  const query = db.selectFrom(contactView).select('contact.id').where('contact.team_id', '=', teamId).where('contact.id', '=', contactId)
  if (!(await query.executeTakeFirst())) throw notFound()
}

function contactRows(db: Db, teamId: string) {
  return db.selectFrom(contactView).select(columns).where('contact.team_id', '=', teamId)
}
