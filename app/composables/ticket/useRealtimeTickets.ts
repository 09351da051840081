import type { Ref } from 'vue'
import type { TicketRow } from '#shared/types/api'
import type { RealtimeChange } from '#shared/types/realtime'
import type { TicketListRules, TicketListState } from '~/utils/ticket/ticket-list'

export interface RealtimeTicketsOptions {
  /** The filters and order of the list. */
  rules: Ref<TicketListRules>
  /** Whether the next change of this ticket is an own change. */
  isExpected(id: string): boolean
  /** Called if only the server can tell what the list should show: fetch it again. */
  onStale(): void
  /** Called before a change is applied. */
  onChange(change: RealtimeChange<'tickets'>): void
}

/** Applies changes of the team, and own changes before they are broadcast, to a list. */
export function useRealtimeTickets<T extends TicketRow>(
  state: Ref<TicketListState<T>>,
  { rules, isExpected, onStale, onChange }: RealtimeTicketsOptions
): void {
  const { profile } = useTeam()
  const { onTable } = useRealtime()
  const { onLocalChange, isPending } = useTicketActions()

  // The broadcast of an own change can arrive before its response.
  onTable('tickets', change =>
    apply(
      change,
      isExpected(change.record.id) ||
        isPending(change.record.id) ||
        (change.operation === 'INSERT' && change.record.created_by === profile.value?.id)
    )
  )
  onLocalChange(change => apply(change, true))

  function apply(change: RealtimeChange<'tickets'>, isMine: boolean): void {
    onChange(change)
    const { state: next, stale } = applyTicketChange(state.value, change, rules.value, isMine)
    state.value = next
    if (stale) onStale()
  }
}
