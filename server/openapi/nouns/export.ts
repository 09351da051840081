import { auditFilter } from '#shared/schemas/audit'
import { ticketExport } from '#shared/schemas/ticket'
import { file, type Noun } from '../describe'

export const exports: Noun = {
  name: 'Export',
  description: 'Tickets, and the audit log, as files.',
  routes: {
    'GET /teams/[teamId]/export/tickets.csv': {
      id: 'exportTickets',
      summary: 'Download tickets as CSV',
      permission: 'tickets.export',
      query: ticketExport,
      description: 'Takes the filters of the list, and streams every match as it was at one moment. The audit log says who exported what.',
      answers: { 200: file('The file, in UTF-8 with a byte order mark.', 'text/csv') }
    },
    'GET /teams/[teamId]/export/audit.csv': {
      id: 'exportAudit',
      summary: 'Download the audit log as CSV',
      permission: 'audit.export',
      query: auditFilter,
      description:
        'Takes the filters of the log, and streams every match, the newest first. The states before and after are JSON. This, too, is in the log.',
      answers: { 200: file('The file, in UTF-8 with a byte order mark.', 'text/csv') }
    }
  }
}
