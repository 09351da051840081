import type { TicketRow, TicketDetail } from '#shared/types/api'

/** Without the description and the files until the whole ticket has loaded. */
export type ShownTicket = TicketRow & Partial<Pick<TicketDetail, 'description' | 'attachments' | 'articles'>>

/** The ticket with this number, live. `row` returns the row of a list, which is shown until the whole ticket has loaded. */
export function useTicket(number: Ref<number | null>, row: (number: number) => TicketRow | undefined = () => undefined) {
  const { onTable, onResync } = useRealtime()
  const { onLocalChange } = useTicketActions()
  const isDeleted = ref(false)

  const {
    data: ticket,
    url,
    isLoading,
    error,
    refresh,
    refetch
  } = useLive<ShownTicket | null>(() => (number.value === null ? null : `tickets/${number.value}`), {
    empty: () => (number.value === null ? null : (row(number.value) ?? null)),
    load: async (url, { signal }, current) => {
      const fetched = await $fetch<TicketDetail>(url, { signal })
      const known = current()
      // A broadcast can be newer than the response.
      const isNewer = known?.id === fetched.id && known.version > fetched.version
      const { description, attachments, articles } = fetched
      return isNewer ? { ...fetched, ...known, description, attachments, articles } : fetched
    }
  })

  watch(url, () => {
    isDeleted.value = false
  })
  onResync(() => {
    if (!isDeleted.value) refetch()
  })
  onTable('tickets', apply)
  onLocalChange(apply)
  onTable('articles', () => {
    if (ticket.value?.articles?.length) refetch() // titles, and what is published
  })
  useCitations().onChange(ticketId => {
    if (ticketId === ticket.value?.id) refetch()
  })
  useAttachmentChanges().onChange(change => {
    const shown = ticket.value
    if (change.file.reply_id !== null || change.file.ticket_id !== shown?.id) return
    if (isLoading.value || !shown.attachments) refetch()
    else ticket.value = { ...shown, attachments: applyAttachmentChange(shown.attachments, change) }
  })

  function apply({ operation, record, changed }: Parameters<Parameters<typeof onLocalChange>[0]>[0]): void {
    if (record.id !== ticket.value?.id) return
    if (operation === 'DELETE') {
      isDeleted.value = true
      return
    }
    if (record.version < ticket.value.version) return
    ticket.value = { ...ticket.value, ...record }
    if (changed?.includes('description')) refetch()
  }

  return { ticket, isDeleted, isLoading, error, refresh }
}
