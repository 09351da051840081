/** Agent pages need a session and a team; pages for guests are none of a signed-in person's. */
export default defineNuxtRouteMiddleware(async (to) => {
  if (!to.matched.length) return // no such page, for anybody
  const session = useSupabaseSession()
  if (isGuestPath(to.path)) return session.value ? navigateTo(ownPath(to.query.redirect) ?? '/', { replace: true }) : undefined
  if (isPublicPath(to.path)) return
  if (!session.value && isOffline() && hasSessionCookie()) throw unreachable() // it cannot be renewed now
  if (!session.value) return navigateTo({ path: '/sign-in', query: to.fullPath === '/' ? {} : { redirect: to.fullPath } }, { replace: true })
  if (import.meta.server) return // agent pages are rendered in the browser

  const { teams, load } = useTeam()
  const { signOut } = useAuth()
  try {
    await load()
  } catch (error) {
    if (statusOf(error) === null) throw unreachable()
    if (statusOf(error) !== 401) throw createError({ statusCode: statusOf(error) ?? 503, message: messageOf(error), fatal: true })
    await signOut({ stay: true })
    return navigateTo({ path: '/sign-in', query: { redirect: to.fullPath } }, { replace: true })
  }
  if (!teams.value.length && to.path !== '/teams/new' && to.path !== '/settings/profile') return navigateTo('/teams/new', { replace: true })
  if (to.path === '/') return navigateTo('/dashboard', { replace: true })
})

function isOffline(): boolean {
  return import.meta.client && !navigator.onLine
}

function hasSessionCookie(): boolean {
  return /(?:^|; )sb-switchboard-auth/.test(document.cookie)
}

function unreachable(): Error {
  return createError({ statusCode: 503, message: 'The server cannot be reached', data: offlineMark, fatal: true })
}
