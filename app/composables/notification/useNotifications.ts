import type { CursorPage, Notification } from '#shared/types/api'

const pageSize = 30

/** What I was told in the current team, newest first, live; page by page as its reader asks for more. */
export function useNotifications(isUnreadOnly: Ref<boolean>) {
  const { teamId } = useTeam()
  const { onTable, onResync } = useRealtime()
  const { unread, markRead } = useUnreadNotifications()
  const notifications = shallowRef<Notification[]>([])
  const next = ref<string | null>(null)
  const isLoaded = ref(false)

  const page = (cursor: string, size: number, signal?: AbortSignal) =>
    $fetch<CursorPage<Notification>>(`/api/teams/${teamId.value}/notifications`, {
      query: { cursor, page_size: size, ...(isUnreadOnly.value ? { unread: true } : {}) },
      signal
    })

  // What was shown is asked for again, as far as a page goes: what came and what was read elsewhere changes it. What is
  // older stays as it was.
  const { error, refresh, refetch } = useResource(
    async signal => {
      const shown = notifications.value
      const { data, next_cursor } = await page(
        '',
        Math.min(100, next.value === null ? shown.length + pageSize : Math.max(shown.length, pageSize)),
        signal
      )
      const place = shown.findIndex(({ id }) => id === data.at(-1)?.id)
      const older = next_cursor !== null && place >= 0 ? shown.slice(place + 1) : []
      notifications.value = [...data, ...older]
      if (!older.length) next.value = next_cursor
      isLoaded.value = true
    },
    { isWanted: () => Boolean(teamId.value) }
  )

  const { run: more, pending: isLoadingMore } = useAction(
    async () => {
      if (next.value === null) return
      const [asked, cursor] = [isUnreadOnly.value, next.value]
      const { data, next_cursor } = await page(cursor, pageSize)
      if (asked !== isUnreadOnly.value || cursor !== next.value) return
      notifications.value = [...notifications.value, ...data]
      next.value = next_cursor
    },
    { failure: 'Older notifications could not be loaded' }
  )

  watch(
    [teamId, isUnreadOnly],
    () => {
      notifications.value = []
      next.value = null
      isLoaded.value = false
      void refresh()
    },
    { immediate: true }
  )
  onTable('notifications', ({ record }) => {
    if (record.team_id === teamId.value) refetch()
  })
  onResync(refetch)

  const { run: read } = useAction(
    async (ids?: string[]) => {
      const before = notifications.value
      const at = new Date(serverNow()).toISOString()
      const isMeant = ({ id, read_at }: Notification) => !read_at && (!ids || ids.includes(id))
      notifications.value = isUnreadOnly.value
        ? before.filter(one => !isMeant(one))
        : before.map(one => (isMeant(one) ? { ...one, read_at: at } : one))
      try {
        await markRead(ids ? { ids } : {})
      } catch (cause) {
        notifications.value = before
        throw cause
      }
    },
    { failure: 'They were not marked as read' }
  )

  return { notifications, hasMore: computed(() => next.value !== null), isLoaded, isLoadingMore, error, unread, refresh, more, read }
}
