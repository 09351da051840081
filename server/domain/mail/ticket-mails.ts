import { sql } from 'kysely'
import type { PageQuery } from '#shared/schemas/page'
import type { TicketMail } from '#shared/types/api'
import type { Db } from '../../db/types'
import { listOf, type List } from '../page'
import { requireTicket } from '../ticket/get'

export async function listTicketMails(db: Db, teamId: string, ticketId: string, query: PageQuery): Promise<List<TicketMail>> {
  await requireTicket(db, teamId, ticketId)
  const rows = db
    .selectFrom(sql<TicketMail>`private.ticket_mails(${teamId}, ${ticketId})`.as('mail'))
    .selectAll()
    .orderBy('mail.created_at', 'desc')
    .orderBy('mail.id', 'desc')
  return listOf(db, rows, query)
}
