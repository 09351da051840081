import { auditQuery, historyQuery } from '#shared/schemas/audit'
import { ticketEvent } from '#shared/schemas/event'
import { cursorList, type Noun } from '../describe'

export const events: Noun = {
  name: 'Audit',
  description: 'What happened, who did it, and how: an append-only log.',
  routes: {
    'GET /teams/[teamId]/audit': {
      id: 'listAudit',
      summary: 'Read the log of the team',
      description: 'The newest first; deleted tickets are in it.',
      permission: 'audit.view',
      query: auditQuery,
      answers: { 200: cursorList(ticketEvent, 'What happened in the team.') }
    },
    'GET /teams/[teamId]/tickets/[ticketId]/audit': {
      id: 'listHistory',
      summary: 'Read the history of a ticket',
      description: 'The newest first.',
      permission: 'tickets.view',
      query: historyQuery,
      answers: { 200: cursorList(ticketEvent, 'What happened to the ticket.') }
    }
  }
}
