import { isAboutTicket } from '#shared/event'
import type { TicketEvent } from '#shared/schemas/event'

// Replies are there already, whole.
const type = eventTypes.filter(one => isAboutTicket(one) && one !== 'reply.created')

/**
 * What happened to a ticket, live. Events are not broadcast: whatever writes one changes the ticket's row as well, which
 * is. The empty id is no ticket.
 */
export function useTicketHistory(ticketId: Ref<string>) {
  const { teamId } = useTeam()
  const { onTable, onResync } = useRealtime()
  const events = shallowRef<TicketEvent[]>([])

  const { error, refresh, refetch } = useResource(
    async signal => {
      events.value = await fetchAll<TicketEvent>(`/api/teams/${teamId.value}/tickets/${ticketId.value}/audit`, { query: { type }, signal })
    },
    { isWanted: () => ticketId.value !== '' }
  )

  watch(
    ticketId,
    () => {
      events.value = []
      void refresh()
    },
    { immediate: true }
  )

  onResync(refetch)
  onTable('tickets', ({ operation, record }) => {
    if (operation === 'UPDATE' && record.id === ticketId.value) refetch()
  })

  return { events, error }
}
