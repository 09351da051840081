/** Agent pages need a session and a team; pages for guests are none of a signed-in person's. */
export default defineNuxtRouteMiddleware(async to => {
  if (!to.matched.length) return // no such page, for anybody
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
    // A session that is refused has been ended by then, or could not be renewed now.
    if (statusOf(error) === 401 && session.value) throw unreachable()
    if (statusOf(error) === 401) return navigateTo({ path: '/sign-in', query: { redirect: to.fullPath } }, { replace: true })
    throw createError({ statusCode: statusOf(error) ?? 503, message: messageOf(error), fatal: true })
  }
  if (!teams.value.length && to.path !== '/teams/new' && to.path !== '/settings/profile') return navigateTo('/teams/new', { replace: true })
  if (to.path === '/') return navigateTo('/dashboard', { replace: true })
})

// For want of a network or of the auth server: a session that is refused is gone, its cookie too.
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
