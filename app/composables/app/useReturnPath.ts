/**
 * The path to return to after signing in: `?redirect=`, or a path that this browser stored for an hour, so that a confirmation mail
 * leads back to the invitation.
 */
export function useReturnPath() {
  const route = useRoute()
  const cookie = useCookie<string | null>('switchboard-return-path', { maxAge: 3600, sameSite: 'lax', default: () => null })

  const path = computed(() => ownPath(route.query.redirect) ?? ownPath(cookie.value))
  const invitationToken = computed(() => /^\/invitations\/([\w-]{43})$/.exec(path.value ?? '')?.[1] ?? null)
  /** The query for links between guest pages. */
  const query = computed(() => (path.value ? { redirect: path.value } : {}))

  function remember(value: string): void {
    cookie.value = value
  }

  function forget(): void {
    cookie.value = null
  }

  async function follow(): Promise<void> {
    const target = path.value ?? '/'
    forget()
    // Reload to clear the memory of this page, which has data of another person; their path is dropped too.
    if (isAnotherPerson()) return window.location.replace('/')
    await navigateTo(target, { replace: true })
  }

  return { path, query, invitationToken, remember, forget, follow }
}
