/** The current time in milliseconds, moved on twice a minute by one timer for everything that shows an age. */
export const useClock = createSharedComposable(() => useTimestamp({ scheduler: tick => useIntervalFn(tick, 30_000) }))
