/** Redirects: agent pages need a session and a team; guest pages are not for signed-in people. */
export default defineNuxtRouteMiddleware(async to => {
  if (!to.matched.length) return // the page does not exist
  if (isPortalPath(to.path)) return import.meta.client ? navigateTo(to.fullPath, { external: true }) : undefined
  const session = useSupabaseSession()
  if (isGuestPath(to.path)) return session.value ? navigateTo(ownPath(to.query.redirect) ?? '/', { replace: true }) : undefined
  if (isPublicPath(to.path)) return
  if (import.meta.client && !session.value && hasSessionCookie() && (await cannotBeRenewed())) throw unreachable()
  if (!session.value)
    return navigateTo({ path: '/sign-in', query: to.fullPath === '/' ? {} : { redirect: to.fullPath } }, { replace: true })
  if (import.meta.server) return // agent pages are rendered in the browser

  const { teams, load } = useTeam()
  try {
    await load()
  } catch (error) {
    if (statusOf(error) === null) throw unreachable()
    // A rejected session was already ended; if it still exists, it could not be renewed now.
    if (statusOf(error) === 401 && session.value) throw unreachable()
    if (statusOf(error) === 401) return navigateTo({ path: '/sign-in', query: { redirect: to.fullPath } }, { replace: true })
    throw createError({ statusCode: statusOf(error) ?? 503, message: messageOf(error), fatal: true })
  }
  if (!teams.value.length && to.path !== '/teams/new' && to.path !== '/settings/profile') return navigateTo('/teams/new', { replace: true })
  if (to.path === '/') return navigateTo('/dashboard', { replace: true })
})

// True if the network or the auth server is down. A rejected session would have been removed with its cookie.
async function cannotBeRenewed(): Promise<boolean> {
  if (!navigator.onLine) return true
  const { error } = await useSupabaseClient().auth.getSession()
  return error?.name === 'AuthRetryableFetchError'
}

function hasSessionCookie(): boolean {
  return /(?:^|; )sb-switchboard-auth/.test(document.cookie)
}

function unreachable(): Error {
  return createError({ statusCode: 503, message: 'The server cannot be reached', data: offlineMark, fatal: true })
}
