const retryDelaysMs = [1_000, 2_000, 5_000, 10_000, 30_000]

// Browsers suspend timers and sockets in background tabs: after this time, changes may have been missed.
const maxHiddenMs = 60_000

/** Keeps the channels of the current team and the person open while somebody is signed in. */
export default defineNuxtPlugin(() => {
  const client = useSupabaseClient()
  const { team, profile, refresh } = useTeam()
  const { connect, resync, status } = useRealtime()
  const toast = useToast()
  const visibility = useDocumentVisibility()
  let attempts = 0
  let retryTimer: ReturnType<typeof setTimeout> | undefined
  let hiddenAt = 0

  watch([() => team.value?.realtime_topic, () => profile.value?.realtime_topic], () => void follow(), { immediate: true })

  watch(visibility, now => {
    if (now === 'hidden') hiddenAt = Date.now()
    else if (hiddenAt && Date.now() - hiddenAt > maxHiddenMs) resync()
  })

  client.auth.onAuthStateChange(event => {
    if (event !== 'SIGNED_OUT') return
    void connect(null, '', rejoinLater)
    void client.removeAllChannels()
  })

  // The topic was replaced or the channel closed: refetch profile and teams, which have the current topics.
  function rejoinLater(): void {
    if (retryTimer) return
    const delay = attempts === 0 ? 0 : retryDelaysMs[Math.min(attempts - 1, retryDelaysMs.length - 1)]!
    attempts++
    retryTimer = setTimeout(rejoin, delay)
  }

  async function rejoin(): Promise<void> {
    const before = team.value
    try {
      await refresh()
    } catch {
      retryTimer = undefined
      if (profile.value) rejoinLater() // the sidebar shows the connection state
      return
    }
    retryTimer = undefined
    if (status.value === 'connected') attempts = 0
    if (before && team.value?.id !== before.id)
      toast.add({ title: `You no longer belong to ${before.name}`, icon: 'i-lucide-user-x', color: 'warning' })
    else if (status.value !== 'connected') await reconnect()
  }

  async function reconnect(): Promise<void> {
    await connect(null, '', rejoinLater)
    await follow()
  }

  function follow(): Promise<void> {
    const [mine, me] = [team.value, profile.value]
    return connect(mine && me && { team: mine.realtime_topic, own: me.realtime_topic }, me?.id ?? '', rejoinLater)
  }
})
