const interval = 5_000 // milliseconds between two tries

/** Looks for the server while it cannot be reached, and starts the page again once it answers. */
export function useReconnect() {
  const isTrying = ref(false)

  async function tryNow(): Promise<void> {
    if (isTrying.value) return
    isTrying.value = true
    const answer = await fetch('/healthz', { cache: 'no-store' }).catch(() => null) // no answer is what it is about
    if (answer?.ok) window.location.reload()
    else isTrying.value = false
  }

  // The browser knows of the nearest network only: it is not asked, but what it says is heard.
  useIntervalFn(tryNow, interval)
  useEventListener(window, 'online', tryNow)

  return { isTrying, tryNow }
}
