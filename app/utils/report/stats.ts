import type { TicketListQuery } from '../ticket/ticket-query'
import { addressOf, parseListQuery } from '../ticket/ticket-query'

/** "6h", "< 1h", or "—" for null. */
export function firstResponseTime(hours: number | null): string {
  if (hours === null) return '—'
  return hours < 1 ? '< 1h' : `${Math.round(hours)}h`
}

/** The location of the ticket list with `filter`. */
export function ticketListPath(filter: Partial<TicketListQuery>): { path: string; query: Record<string, string | string[]> } {
  return { path: '/tickets', query: addressOf({ ...parseListQuery({ sort: filter.sort }), ...filter }) }
}

/** The location of the list of open tickets, as the dashboard counts them. */
export function openTicketsPath(filter: Partial<TicketListQuery> = {}): { path: string; query: Record<string, string | string[]> } {
  return ticketListPath({ status: ['open', 'in_progress'], ...filter })
}
