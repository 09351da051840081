import type { Followers } from '#shared/types/api'

/** Who follows the ticket, live, and the way to join or leave them. The empty id is no ticket. */
export function useTicketFollowers(ticketId: Ref<string>) {
  const { teamId, profile } = useTeam()
  const { onTable, onResync } = useRealtime()
  const state = shallowRef<Followers | null>(null)
  const url = (id: string) => `/api/teams/${teamId.value}/tickets/${id}/watch`

  const { refresh, refetch } = useResource(
    async signal => {
      state.value = await $fetch<Followers>(url(ticketId.value), { signal })
    },
    { isWanted: () => ticketId.value !== '' }
  )

  watch(
    ticketId,
    () => {
      state.value = null
      void refresh()
    },
    { immediate: true }
  )
  onResync(refetch)
  onTable('ticket_followers', ({ record }) => {
    if (record.ticket_id === ticketId.value) refetch()
  })

  const { run: toggle } = useAction(
    async () => {
      const [before, id, me] = [state.value, ticketId.value, profile.value]
      if (!before || !me) return
      const others = before.watchers.filter(person => person.id !== me.id)
      state.value = {
        watching: !before.watching,
        watchers: before.watching ? others : [...others, { id: me.id, full_name: me.full_name, avatar_url: me.avatar_url }]
      }
      try {
        const saved = await $fetch<Followers>(url(id), { method: before.watching ? 'DELETE' : 'PUT' })
        if (id === ticketId.value) state.value = saved
      } catch (cause) {
        if (id === ticketId.value) state.value = before
        throw cause
      }
    },
    { failure: 'Following was not changed' }
  )

  return { followers: state, toggle: () => void toggle() }
}
