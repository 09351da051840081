/**
 * Where somebody wanted to go before they had to sign in: `?redirect=`, or what was remembered for an hour in this
 * browser, so that a confirmation mail leads back to the invitation it began with.
 */
export function useReturnPath() {
  const route = useRoute()
  const cookie = useCookie<string | null>('switchboard-return-path', { maxAge: 3600, sameSite: 'lax', default: () => null })

  const path = computed(() => ownPath(route.query.redirect) ?? ownPath(cookie.value))
  const invitationToken = computed(() => /^\/invitations\/([\w-]{43})$/.exec(path.value ?? '')?.[1] ?? null)
  /** For links between the pages for guests. */
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
    // What the person before left in the memory of this page goes with it, and so does where they were.
    if (isAnotherPerson()) return window.location.replace('/')
    await navigateTo(target, { replace: true })
  }

  return { path, query, invitationToken, remember, forget, follow }
}
