const checkInterval = 30 * 60_000 // milliseconds
const reloadedFor = 60_000 // milliseconds in which a second failure is not a matter of versions
const reloadKey = 'switchboard-reloaded-at'

/**
 * Keeps the app at hand without a network, and takes a new version over without taking anything away: it is announced,
 * and comes with the next page that is gone to while nothing is unsaved.
 */
export default defineNuxtPlugin(nuxtApp => {
  const { profile } = useTeam()
  const { status: connection } = useRealtime()
  const { isAllSaved } = useReplyDraftSync()
  const router = useRouter()
  const toast = useToast()
  const visibility = useDocumentVisibility()
  const { hasNewVersion, takeNew } = useAppVersion()

  // Code of a version that is gone: the new one has everything.
  nuxtApp.hook('app:chunkError', () => {
    const before = Number(sessionStorage.getItem(reloadKey) ?? 0)
    if (!navigator.onLine || Date.now() - before < reloadedFor) return
    sessionStorage.setItem(reloadKey, String(Date.now()))
    window.location.reload()
  })

  if (import.meta.dev || !('serviceWorker' in navigator)) return

  // Guests need none; everybody else needs the page first.
  whenever(
    () => profile.value !== null && connection.value === 'connected',
    () => onNuxtReady(register),
    { immediate: true, once: true }
  )

  router.beforeEach((to, from) => {
    if (!hasNewVersion.value || to.path === from.path || !isAllSaved() || document.querySelector('[role="dialog"][data-state="open"]'))
      return
    window.location.assign(to.fullPath)
    return false
  })

  async function register(): Promise<void> {
    let isFirst = navigator.serviceWorker.controller === null
    navigator.serviceWorker.addEventListener('controllerchange', () => {
      if (!isFirst) announce()
      isFirst = false
    })
    const registration = await navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' }).catch(() => null)
    if (!registration) return // private windows and old browsers: all works but starting without a network

    // Without a network there is nothing to hear of.
    const check = useThrottleFn(() => registration.update().catch(() => undefined), 60_000)
    setInterval(check, checkInterval)
    watch([visibility, connection], ([seen, state]) => {
      if (seen === 'visible' && state === 'connected') void check()
    })
  }

  function announce(): void {
    if (hasNewVersion.value) return
    hasNewVersion.value = true
    toast.add({
      id: 'new-version',
      title: 'A new version is ready',
      icon: 'i-lucide-rotate-cw',
      color: 'neutral',
      duration: 10_000,
      actions: [{ label: 'Reload', color: 'neutral', variant: 'outline', onClick: takeNew }]
    })
  }
})
