import type { SlaClock } from '#shared/types/api'

/** The SLA clocks of a ticket with their receipts, live. */
export function useSlaClocks(ticketId: () => string) {
  const {
    data: clocks,
    isLoaded,
    error,
    refresh
  } = useLive<SlaClock[]>(() => `tickets/${ticketId()}/sla`, {
    empty: () => [],
    tables: { tickets: ({ record }) => record.id === ticketId() }
  })
  return { clocks, isLoaded, error, refresh }
}
