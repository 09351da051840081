/** Marks the notifications of a ticket as read while it is open in a visible page. An empty id means no ticket. */
export function useMarkTicketRead(ticketId: () => string): void {
  const { unread, markRead } = useUnreadNotifications()
  const visibility = useDocumentVisibility()
  const { run } = useAction(markRead, { silent: true }) // after a failure they visibly stay unread
  let last = { id: '', count: 0 }

  watch(
    [ticketId, unread, visibility],
    ([id, count, pageVisibility]) => {
      if (pageVisibility !== 'visible') return
      const isNew = count > 0 && (id !== last.id || count > last.count)
      last = { id, count }
      if (id && isNew) void run({ ticket_id: id })
    },
    { immediate: true }
  )
}
