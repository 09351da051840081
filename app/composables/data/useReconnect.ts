const intervalMs = 5_000

/** Polls the server while it cannot be reached, and reloads the page when it answers. */
export function useReconnect() {
  const isTrying = ref(false)

  async function tryNow(): Promise<void> {
    if (isTrying.value) return
    isTrying.value = true
    const answer = await fetch('/healthz', { cache: 'no-store' }).catch(() => null) // still offline
    if (answer?.ok) window.location.reload()
    else isTrying.value = false
  }

  // `navigator.onLine` knows the nearest network only: too little to stop polling, enough to try at once.
  useIntervalFn(tryNow, intervalMs)
  useEventListener(window, 'online', tryNow)

  return { isTrying, tryNow }
}
