import type { Followers } from '#shared/types/api'

/** The followers of a ticket, live. An empty id means no ticket. */
export function useTicketFollowers(ticketId: Ref<string>) {
  const { profile } = useTeam()
  const { data: followers, url } = useLive<Followers | null>(() => (ticketId.value ? `tickets/${ticketId.value}/watch` : null), {
    empty: () => null,
    tables: { ticket_followers: ({ record }) => record.ticket_id === ticketId.value }
  })

  const { run: toggle } = useAction(
    async () => {
      const [current, me, requestedUrl] = [followers.value, profile.value, url.value]
      if (!current || !me) return
      const others = current.watchers.filter(({ id }) => id !== me.id)
      const watchers = current.watching ? others : [...others, { id: me.id, full_name: me.full_name, avatar_url: me.avatar_url }]
      const saved = await optimistic(followers, { watching: !current.watching, watchers }, () =>
        $fetch<Followers>(requestedUrl, { method: current.watching ? 'DELETE' : 'PUT' })
      )
      if (requestedUrl === url.value) followers.value = saved
    },
    { failure: 'Your followed tickets were not changed' }
  )

  return { followers, toggle: () => void toggle() }
}
