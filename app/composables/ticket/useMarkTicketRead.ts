/** Marks the notifications of a ticket as read while it is open in a visible page. The empty id is no ticket. */
export function useMarkTicketRead(ticketId: () => string): void {
  const { unread, markRead } = useUnreadNotifications()
  const visibility = useDocumentVisibility()
  const { run } = useAction(markRead, { silent: true }) // after a failure they stay unread, which shows
  let last = { id: '', count: 0 }

  watch(
    [ticketId, unread, visibility],
    ([id, count, seen]) => {
      if (seen !== 'visible') return
      const isNew = count > 0 && (id !== last.id || count > last.count)
      last = { id, count }
      if (id && isNew) void run({ ticket_id: id })
    },
    { immediate: true }
  )
}
