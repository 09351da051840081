import type { Member, Person } from '#shared/types/api'

/** Shows the team that I look at a ticket; answers who else does. The empty id is no ticket. */
export function useTicketPresence(ticketId: () => string, isReplying: Ref<boolean>, members: Ref<Member[]>) {
  const { setPresence, viewers } = useRealtime()

  // Opening one ticket after another would flood the channel.
  watchDebounced(
    [ticketId, isReplying],
    ([ticket_id, is_replying]) => {
      setPresence(ticket_id ? { ticket_id, is_replying } : null)
    },
    { debounce: 300, immediate: true }
  )
  onScopeDispose(() => setPresence(null))

  return computed(() => {
    const here = new Map<string, { person: Person; isReplying: boolean }>()
    for (const viewer of viewers.value) {
      // Names come from the team's list: a presence could claim any.
      const person = members.value.find(({ id }) => id === viewer.user_id)
      if (!person || viewer.ticket_id !== ticketId()) continue
      here.set(person.id, { person, isReplying: viewer.is_replying || here.get(person.id)?.isReplying === true })
    }
    return [...here.values()]
  })
}
