/** The server's time in milliseconds, updated twice a minute by one shared timer. */
export const useClock = createSharedComposable(() => {
  const now = ref(serverNow())
  const update = () => {
    now.value = serverNow()
  }
  useIntervalFn(update, 30_000)
  watch(clockOffset, update)
  return now
})
