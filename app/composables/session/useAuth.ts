import type { AuthError, EmailOtpType } from '@supabase/supabase-js'
import type { RouteLocationRaw } from 'vue-router'
import type { z } from 'zod'
import type { signIn as signInSchema, signUp as signUpSchema } from '#shared/schemas/profile'

let isSigningOut = false

/** Sign-up, sign-in, mail links and sign-out. `next` is the path that a mail link leads to. */
export function useAuth() {
  const supabase = useSupabaseClient()
  const session = useSupabaseSession()
  const user = useSupabaseUser()
  const team = useTeam()
  const nuxtApp = useNuxtApp()
  const { siteUrl } = useRuntimeConfig().public
  const router = useRouter()
  const toasts = useToast()
  const overlays = useOverlay()
  const ask = useConfirm()
  const { saveAll: saveDrafts } = useReplyDraftSync()
  const { isSaved } = useLocalReplyDrafts()

  async function signIn(credentials: z.output<typeof signInSchema>): Promise<void> {
    throwOnError(await supabase.auth.signInWithPassword(credentials))
  }

  async function sendMagicLink(email: string, next: string | null): Promise<void> {
    const { error } = await supabase.auth.signInWithOtp({ email, options: { emailRedirectTo: linkTo(next), shouldCreateUser: false } })
    // Hosted Supabase returns this if the account does not exist. Ignored, so that the page does not reveal it.
    if (error && error.code !== 'otp_disabled') throw error
  }

  /**
   * Mails a link that confirms the address and leads to the choice of a password, so only the owner of the mailbox can set it. If the
   * address already has an account, the link signs in.
   */
  async function signUp({ full_name, email }: z.output<typeof signUpSchema>, next: string | null): Promise<void> {
    throwOnError(
      await supabase.auth.signInWithOtp({ email, options: { data: { full_name }, emailRedirectTo: linkTo(next), shouldCreateUser: true } })
    )
  }

  async function sendPasswordReset(email: string): Promise<void> {
    throwOnError(await supabase.auth.resetPasswordForEmail(email, { redirectTo: linkTo('/reset-password') }))
  }

  /** Redeems a mail link. False if hosted Supabase also needs the link in the other mailbox, for a change of address. */
  async function confirm(type: EmailOtpType, tokenHash: string): Promise<boolean> {
    return throwOnError(await supabase.auth.verifyOtp({ type, token_hash: tokenHash })).data.session !== null
  }

  /** The current password may be omitted only soon after a recovery link. */
  async function setPassword(password: string, currentPassword?: string): Promise<void> {
    throwOnError(await supabase.auth.updateUser({ password, current_password: currentPassword }))
  }

  /** Re-authenticates with the password: a new session replaces the current one. */
  async function reauthenticate(password: string): Promise<void> {
    const { session: before } = throwOnError(await supabase.auth.getSession()).data
    if (!before?.user.email) throw new Error('Nobody is signed in')
    throwOnError(await supabase.auth.signInWithPassword({ email: before.user.email, password }))
    // The new session is active. If the old one could not be ended, it expires by itself.
    const { error } = await supabase.auth.admin.signOut(before.access_token, 'local')
    if (error) console.warn('Could not end the previous session:', error.message)
  }

  /**
   * Signs out in all tabs of this browser and deletes local drafts. Asks for confirmation if the server does not have all of them.
   * With `stay`, the page stays open.
   */
  async function signOut({ stay = false } = {}): Promise<void> {
    await saveDrafts() // drafts stay on the server but not on this device
    const unsaved = unsavedKinds()
    if (
      unsaved.length &&
      !(await ask({
        title: 'Sign out and discard what you typed?',
        description: `This was not sent and exists only on this device: ${unsaved.join(', ')}.`,
        action: 'Sign out'
      }))
    )
      return
    isSigningOut = true
    try {
      releaseBrowser()
      const { error } = await supabase.auth.signOut({ scope: 'local' })
      // Without a network the session is still removed from this browser.
      if (error && (await supabase.auth.getSession()).data.session) throw error
      forgetPerson()
      await leave(stay ? null : '/sign-in')
    } finally {
      isSigningOut = false
    }
  }

  /** Reacts to session changes by other tabs and the auth server. Called once, by a plugin. */
  function watchSession(): void {
    supabase.auth.onAuthStateChange((event, current) => {
      if (event === 'SIGNED_OUT' && !isSigningOut) nuxtApp.runWithContext(handleSessionEnd)
      else if (current && claimBrowser(current.user.id) && !isGuestPath(router.currentRoute.value.path)) window.location.assign('/')
    })
  }

  // The session expired, or the person signed out in another tab.
  async function handleSessionEnd(): Promise<void> {
    const { path, fullPath, matched } = router.currentRoute.value
    if (hasSessionEnded()) keepUnfinished()
    else forgetPerson()
    // On the first page, the middleware redirects.
    await leave(matched.length && !isPublicPath(path) ? { path: '/sign-in', query: { redirect: fullPath } } : null)
  }

  // The realtime plugin closes the channels. Leave the page first: without a team it would redirect to the creation of one.
  async function leave(target: RouteLocationRaw | null): Promise<void> {
    session.value = null
    user.value = null
    if (target) await navigateTo(target, { replace: true })
    team.forget()
    toasts.clear()
    overlays.closeAll()
  }

  function unsavedKinds(): string[] {
    const person = claimsOf(session.value?.access_token)?.sub
    return typeof person === 'string'
      ? [
          ...new Set(
            draftKeys(`${person}:`)
              .filter(key => !isSaved(key))
              .map(kindOf)
          )
        ]
      : []
  }

  function linkTo(path: string | null): string {
    return new URL(path ?? '/', siteUrl).href
  }

  return { signIn, signUp, sendMagicLink, sendPasswordReset, confirm, setPassword, reauthenticate, signOut, watchSession }
}

function throwOnError<T extends { error: AuthError | null }>(answer: T): T {
  if (answer.error) throw answer.error
  return answer
}
