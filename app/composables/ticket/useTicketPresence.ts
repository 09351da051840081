import type { Member, Person } from '#shared/types/api'

/** Shares that I look at a ticket; returns who else does. An empty id means no ticket. */
export function useTicketPresence(ticketId: () => string, isReplying: Ref<boolean>, members: Ref<Member[]>) {
  const { setPresence, viewers } = useRealtime()

  // Debounced, because opening one ticket after another would flood the channel.
  watchDebounced(
    [ticketId, isReplying],
    ([ticket_id, is_replying]) => {
      setPresence(ticket_id ? { ticket_id, is_replying } : null)
    },
    { debounce: 300, immediate: true }
  )
  onScopeDispose(() => setPresence(null))

  return computed(() => {
    const viewersById = new Map<string, { person: Person; isReplying: boolean }>()
    for (const viewer of viewers.value) {
      // Names come from the member list, because a presence could claim any name.
      const person = members.value.find(({ id }) => id === viewer.user_id)
      if (!person || viewer.ticket_id !== ticketId()) continue
      viewersById.set(person.id, { person, isReplying: viewer.is_replying || viewersById.get(person.id)?.isReplying === true })
    }
    return [...viewersById.values()]
  })
}
