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

  /** Marks those with these ids as read, or all. */
  const { run: read } = useAction(
    async (ids?: string[]) => {
      const at = new Date(serverNow()).toISOString()
      const isMeant = ({ id, read_at }: Notification) => !read_at && (!ids || ids.includes(id))
      const next = isUnreadOnly.value
        ? notifications.value.filter(one => !isMeant(one))
        : notifications.value.map(one => (isMeant(one) ? { ...one, read_at: at } : one))
      await optimistic(notifications, next, () => markRead(ids ? { ids } : {}))
    },
    { failure: 'They were not marked as read' }
  )

  return { notifications, hasMore, isLoaded, isLoadingMore, error, unread, refresh, more, read }
}
