import { sql } from 'kysely'
import type { PortalLocale } from '#shared/types/portal'
import type { Db } from '../../db/types'
import { notFound } from '../refusal'
import { digest, newSecret } from '../secret'

export interface TicketLinkPreview {
  team_id: string
  team_name: string
  slug: string
  ticket_number: number
  contact_name: string
  locale: PortalLocale | null
}

/** Whose link it is. Throws 404 for a link that does not work (any more). */
export async function getTicketLink(db: Db, token: string): Promise<TicketLinkPreview> {
  const { rows } = await sql<TicketLinkPreview>`select * from private.ticket_link_preview(${digest(token)})`.execute(db)
  if (!rows[0]) throw notFound()
  return rows[0]
}

/** Begins a ticket session and returns the secret for its cookie. Throws 404 for a link that does not work. */
export async function openTicketLink(db: Db, token: string): Promise<string> {
  const secret = newSecret()
  await sql`select private.open_ticket_link(${digest(token)}, ${digest(secret)})`.execute(db)
  return secret
}

/** The ticket that a session opens; undefined after it ended. */
export async function findTicketOfSession(db: Db, secret: string): Promise<{ team_id: string; ticket_number: number } | undefined> {
  const { rows } = await sql<{ team_id: string; ticket_number: number }>`
    select * from private.ticket_of_session(${digest(secret)})`.execute(db)
  return rows[0]
}

/** Ends a ticket session, and the links that could begin another one for the same contact. */
export async function endTicketSession(db: Db, secret: string): Promise<void> {
  await sql`select private.end_ticket_session(${digest(secret)})`.execute(db)
}

/** The hash by which Postgres knows a session, for `asTicketSession`. */
export function sessionHashOf(secret: string): string {
  return digest(secret).toString('hex')
}
