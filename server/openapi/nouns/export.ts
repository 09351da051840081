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
      description: 'Accepts the filters of the list, and streams all matching tickets from one snapshot. The audit log records the export.',
      answers: { 200: file('The file, in UTF-8 with a byte order mark.', 'text/csv') }
    },
    'GET /teams/[teamId]/export/audit.csv': {
      id: 'exportAudit',
      summary: 'Download the audit log as CSV',
      permission: 'audit.export',
      query: auditFilter,
      description:
        'Accepts the filters of the audit log, and streams all matching events, the newest first. The columns `from` and `to` are JSON. The audit log records the export.',
      answers: { 200: file('The file, in UTF-8 with a byte order mark.', 'text/csv') }
    }
  }
}
