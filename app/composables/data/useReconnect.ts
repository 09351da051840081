const intervalMs = 5_000

/** Polls an unreachable server, and reloads the page when it responds. */
export function useReconnect() {
  const isTrying = ref(false)

  async function tryNow(): Promise<void> {
    if (isTrying.value) return
    isTrying.value = true
    const answer = await fetch('/healthz', { cache: 'no-store' }).catch(() => null) // still offline
    if (answer?.ok) window.location.reload()
    else isTrying.value = false
  }

  // `navigator.onLine` only knows about the local network: not enough to stop polling, but a reason to retry at once.
  useIntervalFn(tryNow, intervalMs)
  useEventListener(window, 'online', tryNow)

  return { isTrying, tryNow }
}
