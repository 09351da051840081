/** What was told of the ticket is read while it is open before somebody's eyes. The empty id is no ticket. */
export function useMarkTicketRead(ticketId: () => string): void {
  const { unread, markRead } = useUnreadNotifications()
  const visibility = useDocumentVisibility()
  const { run } = useAction(markRead, { silent: true }) // unread is what they stay, and that shows
  let last = { id: '', count: 0 }

  watch(
    [ticketId, unread, visibility],
    ([id, count, seen]) => {
      if (seen !== 'visible') return
      const isNews = count > 0 && (id !== last.id || count > last.count)
      last = { id, count }
      if (id && isNews) void run({ ticket_id: id })
    },
    { immediate: true }
  )
}
