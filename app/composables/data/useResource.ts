/**
 * The request behind a value. `refresh` asks now and aborts the request before it. `refetch` is for floods of changes: at
 * most one request in `interval` milliseconds, and never two at a time. A failed request is repeated when the network is
 * back. Nothing is asked while `isWanted` says no: a trailing `refetch` can run after its ticket was closed.
 */
export function useResource(
  fetcher: (signal: AbortSignal) => Promise<void>,
  { interval = 500, isWanted = () => true }: { interval?: number; isWanted?: () => boolean } = {}
) {
  const error = shallowRef<Error | null>(null)
  const isLoading = ref(false)
  let controller: AbortController | undefined
  let isStale = false
  let isDisposed = false

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
    if (isDisposed || !isWanted()) return
    const mine = (controller = new AbortController())
    isStale = false
    isLoading.value = true
    try {
      await fetcher(mine.signal)
      if (!mine.signal.aborted) error.value = null
    } catch (cause) {
      if (!mine.signal.aborted) error.value = cause instanceof Error ? cause : new Error(String(cause))
    } finally {
      if (mine === controller) {
        isLoading.value = false
        if (isStale) void refetch()
      }
    }
  }

  // Live sync resyncs after long interruptions only; a request can fail in a short one.
  whenever(useOnline(), () => {
    if (error.value) void refresh()
  })
  tryOnScopeDispose(() => {
    isDisposed = true
    controller?.abort()
  })

  return { error, isLoading: readonly(isLoading), refresh, refetch: () => void refetch() }
}
