/**
 * Manages the request behind a value. `refresh` requests at once and aborts the previous request. `refetch` is throttled, for bursts
 * of changes: at most one request per `interval` milliseconds, never two at a time. A failed request is retried when the network is
 * back. While `isEnabled` returns false nothing is requested: a trailing throttled `refetch` can run after its ticket was closed.
 */
export function useResource(
  fetcher: (signal: AbortSignal) => Promise<void>,
  { interval = 500, isEnabled = () => true }: { interval?: number; isEnabled?: () => boolean } = {}
) {
  const error = shallowRef<Error | null>(null)
  const isLoading = ref(false)
  const pendingCount = usePendingRequests()
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
    if (isDisposed || !isEnabled()) return
    const current = (controller = new AbortController())
    isStale = false
    isLoading.value = true
    pendingCount.value++
    try {
      await fetcher(current.signal)
      if (!current.signal.aborted) error.value = null
    } catch (cause) {
      if (!current.signal.aborted) error.value = cause instanceof Error ? cause : new Error(String(cause))
    } finally {
      pendingCount.value--
      if (current === controller) {
        isLoading.value = false
        if (isStale) void refetch()
      }
    }
  }

  // Realtime resyncs only after long interruptions, but a request can fail in a short one.
  whenever(useOnline(), () => {
    if (error.value) void refresh()
  })
  tryOnScopeDispose(() => {
    isDisposed = true
    controller?.abort()
  })

  return { error, isLoading: readonly(isLoading), refresh, refetch: () => void refetch() }
}
