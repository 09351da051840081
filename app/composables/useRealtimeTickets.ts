import type { Ref } from 'vue'
import type { TicketRow } from '#shared/types/api'
import type { RealtimeChange } from '#shared/types/realtime'
import type { TicketListRules } from '~/utils/ticket-list'

export interface RealtimeTicketsOptions {
  /** Which rows the list shows, and in which order; without it every ticket, the newest first. */
  rules?: () => TicketListRules
  /** The number of matching tickets, on this page and others. */
  total?: Ref<number>
  /** The list cannot tell by itself what it should show: fetch it again. */
  onStale?: () => void
  onDelete?: (id: string) => void
}

/** Keeps `tickets` as the team's changes come in, and as this person's own go out. */
export function useRealtimeTickets<T extends TicketRow>(tickets: Ref<T[]>, options: RealtimeTicketsOptions = {}): void {
  const { onTable } = useRealtime()
  const { onLocalChange } = useTicketActions()

  onTable('tickets', apply)
  onLocalChange(apply)

  function apply(change: RealtimeChange<'tickets'>): void {
    const { list, delta, stale } = applyTicketChange(tickets.value, change, options.rules?.())
    tickets.value = list
    if (options.total) options.total.value = Math.max(0, options.total.value + delta)
    if (change.operation === 'DELETE') options.onDelete?.(change.record.id)
    if (stale) options.onStale?.()
  }
}
