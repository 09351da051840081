/** The server's time in milliseconds, moved on twice a minute by one timer for everything that shows an age. */
export const useClock = createSharedComposable(() => {
  const now = ref(serverNow())
  const update = () => {
    now.value = serverNow()
  }
  useIntervalFn(update, 30_000)
  watch(clockOffset, update)
  return now
})
