const guestPages = new Set(['/sign-in', '/sign-up', '/forgot-password'])

/** Pages for people who are not signed in. */
export function isGuestPath(path: string): boolean {
  return guestPages.has(path)
}

/** Pages of the portal for clients, which the server renders and whose rights it checks. They run no script of the app. */
export function isPortalPath(path: string): boolean {
  return /^\/(?:portal|help)(?:\/|$)|^\/p\//.test(path)
}

/** Pages that need no session. */
export function isPublicPath(path: string): boolean {
  return (
    isGuestPath(path) ||
    isPortalPath(path) ||
    path === '/reset-password' ||
    path.startsWith('/auth/') ||
    path.startsWith('/invitations/') ||
    path.startsWith('/docs/') ||
    path.startsWith('/rate/') ||
    path.startsWith('/reply-address/') ||
    path.startsWith('/unsubscribe/')
  )
}
