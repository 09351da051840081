import { isAboutTicket } from '#shared/event'
import type { TicketEvent } from '#shared/schemas/event'

// The conversation shows the replies themselves.
const type = eventTypes.filter(one => isAboutTicket(one) && one !== 'reply.created')

/**
 * The events of a ticket, live. Events are not broadcast, but each event changes the row of the ticket, which is. An empty id means
 * no ticket.
 */
export function useTicketHistory(ticketId: Ref<string>) {
  const { data: events, error } = useLive<TicketEvent[]>(() => (ticketId.value ? `tickets/${ticketId.value}/audit` : null), {
    empty: () => [],
    query: () => ({ type }),
    tables: { tickets: ({ operation, record }) => operation === 'UPDATE' && record.id === ticketId.value },
    load: fetchAll
  })
  return { events, error }
}
