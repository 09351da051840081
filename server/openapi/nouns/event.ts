import { auditQuery, historyQuery } from '#shared/schemas/audit'
import { ticketEvent } from '#shared/schemas/event'
import { cursorList, type Noun } from '../describe'

export const events: Noun = {
  name: 'Audit',
  description: 'The append-only log of all events: what happened, when, by whom and through which channel.',
  routes: {
    'GET /teams/[teamId]/audit': {
      id: 'listAudit',
      summary: 'Read the audit log of the team',
      description: 'The newest event comes first. Events of deleted tickets are included.',
      permission: 'audit.view',
      query: auditQuery,
      answers: { 200: cursorList(ticketEvent, 'The events of the team.') }
    },
    'GET /teams/[teamId]/tickets/[ticketId]/audit': {
      id: 'listHistory',
      summary: 'Read the history of a ticket',
      description: 'The newest event comes first.',
      permission: 'tickets.view',
      query: historyQuery,
      answers: { 200: cursorList(ticketEvent, 'The events of the ticket.') }
    }
  }
}
