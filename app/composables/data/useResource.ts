/**
 * What every live list and detail needs around its request: `refresh` asks now and drops the answer to an earlier
 * question; `refetch` is for floods of changes, at most one request in `interval` milliseconds and never two at a time.
 * What has failed is asked again when the network is back. `isWanted` says whether there is anything to ask for: the last
 * of a flood comes when the ticket that it is about may be closed already.
 */
export function useResource(
  fetcher: (signal: AbortSignal) => Promise<void>,
  { interval = 500, isWanted = () => true }: { interval?: number; isWanted?: () => boolean } = {}
) {
  const error = shallowRef<Error | null>(null)
  const isLoading = ref(false)
  let controller: AbortController | undefined
  let isStale = false
  let isOver = false

  const refetch = useThrottleFn(
    () => {
      if (isLoading.value) isStale = true
      else void refresh()
    },
    interval,
    true,
    true
  )

  async function refresh(): Promise<void> {
    controller?.abort()
    if (isOver || !isWanted()) return
    const mine = (controller = new AbortController())
    isStale = false
    isLoading.value = true
    try {
      await fetcher(mine.signal)
      error.value = null
    } catch (cause) {
      if (!mine.signal.aborted) error.value = cause instanceof Error ? cause : new Error(String(cause))
    } finally {
      if (mine === controller) {
        isLoading.value = false
        if (isStale) void refetch()
      }
    }
  }

  // A connection that was gone for a moment only may not have been missed by live sync, which resyncs after longer ones.
  whenever(useOnline(), () => {
    if (error.value) void refresh()
  })
  tryOnScopeDispose(() => {
    isOver = true
    controller?.abort()
  })

  return { error, isLoading: readonly(isLoading), refresh, refetch: () => void refetch() }
}
