const checkIntervalMs = 30 * 60_000
const reloadCooldownMs = 60_000 // a second failure this soon after a reload is not caused by an old version
const reloadKey = 'switchboard-reloaded-at'

/**
 * Registers the service worker, so that the app starts without a network, and announces new versions. A new version is loaded with
 * the next navigation, unless there are unsaved drafts or open dialogs.
 */
export default defineNuxtPlugin(nuxtApp => {
  const { profile } = useTeam()
  const { status: connection } = useRealtime()
  const { isAllSaved } = useLocalReplyDrafts()
  const router = useRouter()
  const toast = useToast()
  const visibility = useDocumentVisibility()
  const { hasNewVersion, reload } = useAppVersion()

  // A chunk of an old version no longer exists on the server: reload to get the new version.
  nuxtApp.hook('app:chunkError', () => {
    const before = Number(sessionStorage.getItem(reloadKey) ?? 0)
    if (!navigator.onLine || Date.now() - before < reloadCooldownMs) return
    sessionStorage.setItem(reloadKey, String(Date.now()))
    window.location.reload()
  })

  if (import.meta.dev || !('serviceWorker' in navigator)) return

  // Not for guests, and only after the page is ready.
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
    if (!registration) return // private windows and old browsers: everything works except starting without a network

    // A check without a network fails; ignore it.
    const check = useThrottleFn(() => registration.update().catch(() => undefined), 60_000)
    setInterval(check, checkIntervalMs)
    watch([visibility, connection], ([pageVisibility, state]) => {
      if (pageVisibility === 'visible' && state === 'connected') void check()
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
      actions: [{ label: 'Reload', color: 'neutral', variant: 'outline', onClick: reload }]
    })
  }
})
