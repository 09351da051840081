import type { RealtimeChange, RealtimeTable } from '#shared/types/realtime'

export interface LiveRequest {
  query?: Record<string, unknown>
  signal: AbortSignal
}

/** The changes that make the value stale, by table; `true` means all changes. */
export type LiveTables = { [T in RealtimeTable]?: true | ((change: RealtimeChange<T>) => boolean) }

export interface LiveOptions<T> {
  /** The value before the first response, and again after the team or path changes. */
  empty: () => T
  /** Reactive: a change refetches at once. */
  query?: () => Record<string, unknown>
  /** Whether to keep the value while another query loads, with `isStale` set. Default true. */
  keepStale?: boolean
  /** Refetches after these changes, and after a resync. */
  tables?: LiveTables
  /** Polling interval while the page is visible, for data that is not broadcast. */
  pollMs?: number
  /** Throttles refetches after changes, in milliseconds. Default 500. */
  interval?: number
  /** Default: GET. `current` returns the shown value, or the empty one while the shown value belongs to another query. */
  load?: (url: string, request: LiveRequest, current: () => T) => Promise<T>
}

/**
 * A live copy of GET `/api/teams/[teamId]/<path>`: fetched at once, and again when the team, the path, the query or a row of
 * `tables` changes. With path null nothing is fetched and `url` is empty. `url` is for requests that change the value. After a
 * failure the last value is kept, with `error` set.
 */
export function useLive<T>(path: MaybeRefOrGetter<string | null>, options: LiveOptions<T>) {
  const { empty, query, keepStale = true, tables, pollMs, interval } = options
  const load = options.load ?? ((url, request) => $fetch<T>(url, request))
  const { teamId } = useTeam()
  const { onTable, onResync } = useRealtime()
  const data = shallowRef(empty())
  const loadedKey = ref<string | null>(null)

  const url = computed(() => {
    const below = toValue(path)
    return teamId.value && below !== null ? `/api/teams/${teamId.value}/${below}` : ''
  })
  const queryKey = computed(() => url.value && JSON.stringify([url.value, query?.()]))

  const { error, isLoading, refresh, refetch } = useResource(
    async signal => {
      const requestedKey = queryKey.value
      const answer = await load(url.value, { query: query?.(), signal }, () =>
        (loadedKey.value ?? requestedKey) === requestedKey ? data.value : empty()
      )
      if (signal.aborted) return // aborted after the response had arrived
      data.value = answer
      loadedKey.value = requestedKey
    },
    { interval, isEnabled: () => url.value !== '' }
  )

  watch(
    [url, queryKey],
    ([now], [before]) => {
      if (now !== before || !keepStale) reset()
      void refresh()
    },
    { immediate: true }
  )
  for (const [table, test] of Object.entries(tables ?? {}) as [RealtimeTable, true | ((change: RealtimeChange) => boolean)][]) {
    onTable(table, change => {
      if (test === true || test(change)) refetch()
    })
  }
  if (tables) onResync(refetch)
  if (pollMs) poll(pollMs)

  function reset(): void {
    data.value = empty()
    loadedKey.value = null
    error.value = null
  }

  function poll(intervalMs: number): void {
    const visibility = useDocumentVisibility()
    useIntervalFn(() => {
      if (visibility.value === 'visible') refetch()
    }, intervalMs)
  }

  return {
    data,
    url,
    error,
    isLoading,
    refresh,
    refetch,
    /** Identifies the current URL and query. */
    queryKey,
    isLoaded: computed(() => loadedKey.value !== null),
    /** Whether the value belongs to another query than the current one. */
    isStale: computed(() => loadedKey.value !== null && loadedKey.value !== queryKey.value)
  }
}
