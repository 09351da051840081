import { sql } from 'kysely'
import type { Db } from '../db/types'
import { digest, newSecret } from './secret'

/**
 * Makes a link that opens this ticket for this contact without a sign-in, and returns its path: `/p/acme/12?k=…`. It works for 90 days,
 * while the contact takes part in the ticket. Bypasses row-level security: only mails call it.
 */
export async function issueTicketLink(db: Db, { teamId, ticketId, contactId }: { teamId: string; ticketId: string; contactId: string }) {
  const token = newSecret()
  const { rows } = await sql<{ path: string }>`
    with link as (
      insert into private.ticket_links (token_hash, team_id, ticket_id, contact_id)
      values (${digest(token)}, ${teamId}, ${ticketId}, ${contactId}) returning team_id, ticket_id
    )
    select '/p/' || team.slug || '/' || ticket.ticket_number as path
    from link join teams as team on team.id = link.team_id join tickets as ticket on ticket.id = link.ticket_id`.execute(db)
  return `${rows[0]!.path}?k=${token}`
}
