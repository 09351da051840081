const guestPages = new Set(['/sign-in', '/sign-up', '/forgot-password'])

/** Pages for people who are not signed in. */
export function isGuestPath(path: string): boolean {
  return guestPages.has(path)
}

/** Pages that need no session. */
export function isPublicPath(path: string): boolean {
  return (
    isGuestPath(path) ||
    path === '/reset-password' ||
    path.startsWith('/auth/') ||
    path.startsWith('/invitations/') ||
    path.startsWith('/docs/') ||
    path.startsWith('/rate/') ||
    path.startsWith('/reply-address/') ||
    path.startsWith('/unsubscribe/')
  )
}
