import type { TicketCounts } from '#shared/types/api'
import type { TicketListQuery } from '~/utils/ticket/ticket-query'

/** The number of tickets of a list per status, live. */
export function useTicketCounts(query: Ref<TicketListQuery>) {
  const { data: counts } = useLive<TicketCounts | null>('tickets/counts', {
    empty: () => null,
    query: () => countsQuery(query.value),
    tables: { tickets: true }
  })
  return { counts }
}
