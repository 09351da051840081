import type { RealtimeChange, RealtimeTable } from '#shared/types/realtime'

export interface LiveRequest {
  query?: Record<string, unknown>
  signal: AbortSignal
}

/** Which changes of a table make the value old: `true` for all of them. */
export type LiveTables = { [T in RealtimeTable]?: true | ((change: RealtimeChange<T>) => boolean) }

export interface LiveOptions<T> {
  /** The value before the first answer, and again after the team or the path changed. */
  empty: () => T
  /** A changed query is asked for at once. */
  query?: () => Record<string, unknown>
  /** Whether the value stays while another query is asked for; `isStale` then says so. Default true. */
  keepStale?: boolean
  /** Fetch again after these changes, and after a resync. */
  tables?: LiveTables
  /** Fetch again every so many milliseconds while the page is visible: for what is not broadcast. */
  pollMs?: number
  /** The least time between two requests after changes, in milliseconds. Default 500. */
  interval?: number
  /** GET by default. `current` is the value that is shown, or the empty one while that answers another query. */
  load?: (url: string, request: LiveRequest, current: () => T) => Promise<T>
}

/**
 * The answer of GET `/api/teams/[teamId]/<path>`, kept current: fetched at once, and again when the team, the path, the
 * query or a row of `tables` changes. The path null asks for nothing. `url` is for requests that change the value; it is
 * empty while nothing is asked for. After a failure the last value stays beside `error`.
 */
export function useLive<T>(path: MaybeRefOrGetter<string | null>, options: LiveOptions<T>) {
  const { empty, query, keepStale = true, tables, pollMs, interval } = options
  const load = options.load ?? ((url, request) => $fetch<T>(url, request))
  const { teamId } = useTeam()
  const { onTable, onResync } = useRealtime()
  const data = shallowRef(empty())
  const answered = ref<string | null>(null)

  const url = computed(() => {
    const below = toValue(path)
    return teamId.value && below !== null ? `/api/teams/${teamId.value}/${below}` : ''
  })
  const question = computed(() => url.value && JSON.stringify([url.value, query?.()]))

  const { error, isLoading, refresh, refetch } = useResource(
    async signal => {
      const asked = question.value
      const answer = await load(url.value, { query: query?.(), signal }, () => ((answered.value ?? asked) === asked ? data.value : empty()))
      if (signal.aborted) return // it had arrived already
      data.value = answer
      answered.value = asked
    },
    { interval, isWanted: () => url.value !== '' }
  )

  watch(
    [url, question],
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
    answered.value = null
    error.value = null
  }

  function poll(every: number): void {
    const visibility = useDocumentVisibility()
    useIntervalFn(() => {
      if (visibility.value === 'visible') refetch()
    }, every)
  }

  return {
    data,
    url,
    error,
    isLoading,
    refresh,
    refetch,
    /** What is asked for now, as text. */
    question,
    isLoaded: computed(() => answered.value !== null),
    /** The value answers another query than the one that is being asked. */
    isStale: computed(() => answered.value !== null && answered.value !== question.value)
  }
}
