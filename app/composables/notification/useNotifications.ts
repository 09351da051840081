import type { Notification } from '#shared/types/api'

/** My notifications of the current team, newest first, live. */
export function useNotifications(isUnreadOnly: Ref<boolean>) {
  const { teamId } = useTeam()
  const { unread, markRead } = useUnreadNotifications()
  const {
    rows: notifications,
    hasMore,
    isLoaded,
    isLoadingMore,
    error,
    refresh,
    more
  } = useCursorPages<Notification>('notifications', {
    pageSize: 30,
    query: () => (isUnreadOnly.value ? { unread: true } : {}),
    keepStale: false,
    tables: { notifications: ({ record }) => record.team_id === teamId.value },
    failure: 'Older notifications could not be loaded'
  })

  /** Marks the notifications with these ids as read, or all of them. */
  const { run: markAsRead } = useAction(
    async (ids?: string[]) => {
      const at = new Date(serverNow()).toISOString()
      const isAffected = ({ id, read_at }: Notification) => !read_at && (!ids || ids.includes(id))
      const next = isUnreadOnly.value
        ? notifications.value.filter(one => !isAffected(one))
        : notifications.value.map(one => (isAffected(one) ? { ...one, read_at: at } : one))
      await optimistic(notifications, next, () => markRead(ids ? { ids } : {}))
    },
    { failure: 'The notifications were not marked as read' }
  )

  return { notifications, hasMore, isLoaded, isLoadingMore, error, unread, refresh, more, markAsRead }
}
