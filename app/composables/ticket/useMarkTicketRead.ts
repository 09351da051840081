import type { TicketRow } from '#shared/types/api'

/** Marks a ticket and its notifications as read while it is open in a visible page. Null means no ticket. */
export function useMarkTicketRead(ticket: () => TicketRow | null): void {
  const { unread, markRead: markNotifications } = useUnreadNotifications()
  const { isUnread, markRead } = useReadMarks()
  const visibility = useDocumentVisibility()
  // After a failure they visibly stay unread.
  const notifications = useAction(markNotifications, { silent: true })
  const mark = useAction(markRead, { silent: true })
  let last = { id: '', count: 0 }

  watch(
    [() => ticket()?.id ?? '', unread, visibility],
    ([id, count, pageVisibility]) => {
      if (pageVisibility !== 'visible') return
      const isNew = count > 0 && (id !== last.id || count > last.count)
      last = { id, count }
      if (id && isNew) void notifications.run({ ticket_id: id })
    },
    { immediate: true }
  )

  // Not when the person marks it as unread: then its last message is the same.
  watch(
    [() => ticket()?.id, () => ticket()?.last_message_at, visibility],
    () => {
      const shown = ticket()
      if (visibility.value === 'visible' && shown && isUnread(shown)) void mark.run(shown.id)
    },
    { immediate: true }
  )
}
