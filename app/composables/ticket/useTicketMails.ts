import type { TicketMail } from '#shared/types/api'

/** The mails about a ticket to its client that were not sent, asked for again whenever the ticket changes. */
export function useTicketMails(ticket: Ref<{ id: string; version: number }>) {
  const { teamId } = useTeam()
  const mails = shallowRef<TicketMail[]>([])

  const { refresh, refetch } = useResource(async signal => {
    mails.value = await fetchAll<TicketMail>(`/api/teams/${teamId.value}/tickets/${ticket.value.id}/mails`, { signal })
  })
  watch(
    () => ticket.value.id,
    () => {
      mails.value = []
      void refresh()
    },
    { immediate: true }
  )
  watch(() => ticket.value.version, refetch)
  // A mail is put into its queue a moment after the change, and queues tell nobody.
  const visibility = useDocumentVisibility()
  useIntervalFn(() => {
    if (visibility.value === 'visible') refetch()
  }, 30_000)

  return { unsent: computed(() => mails.value.filter(isUnsent)) }
}
