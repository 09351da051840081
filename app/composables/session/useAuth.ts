import type { AuthError, EmailOtpType } from '@supabase/supabase-js'
import type { RouteLocationRaw } from 'vue-router'
import type { z } from 'zod'
import type { signIn as signInSchema, signUp as signUpSchema } from '#shared/schemas/profile'

let isLeaving = false

/** Sign-up, sign-in, mail links and sign-out. `next` is the page of ours to come back to from a mail. */
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
  const { saveAll: saveDrafts, isSaved } = useReplyDraftSync()

  async function signIn(credentials: z.output<typeof signInSchema>): Promise<void> {
    settle(await supabase.auth.signInWithPassword(credentials))
  }

  async function sendMagicLink(email: string, next: string | null): Promise<void> {
    const { error } = await supabase.auth.signInWithOtp({ email, options: { emailRedirectTo: linkTo(next), shouldCreateUser: false } })
    // Hosted Supabase answers so when there is no such account, which is nobody's business.
    if (error && error.code !== 'otp_disabled') throw error
  }

  /**
   * Mails a link that confirms the address; a password is chosen behind it, by whoever has the mailbox. An address that has an
   * account gets a link to sign in.
   */
  async function signUp({ full_name, email }: z.output<typeof signUpSchema>, next: string | null): Promise<void> {
    settle(
      await supabase.auth.signInWithOtp({ email, options: { data: { full_name }, emailRedirectTo: linkTo(next), shouldCreateUser: true } })
    )
  }

  async function sendPasswordReset(email: string): Promise<void> {
    settle(await supabase.auth.resetPasswordForEmail(email, { redirectTo: linkTo('/reset-password') }))
  }

  /** Spends the secret of a mail link. False where hosted Supabase waits for the link to the other mailbox of a change of address. */
  async function confirm(type: EmailOtpType, tokenHash: string): Promise<boolean> {
    return settle(await supabase.auth.verifyOtp({ type, token_hash: tokenHash })).data.session !== null
  }

  /** Without the current password only soon after a recovery link. */
  async function setPassword(password: string, currentPassword?: string): Promise<void> {
    settle(await supabase.auth.updateUser({ password, current_password: currentPassword }))
  }

  /** Proves anew that the person is at the keyboard: a session that began just now takes the place of this one. */
  async function reauthenticate(password: string): Promise<void> {
    const { session: before } = settle(await supabase.auth.getSession()).data
    if (!before?.user.email) throw new Error('Nobody is signed in')
    settle(await supabase.auth.signInWithPassword({ email: before.user.email, password }))
    // The new session is in place: one that could not be ended runs out by itself.
    const { error } = await supabase.auth.admin.signOut(before.access_token, 'local')
    if (error) console.warn('The session before could not be ended:', error.message)
  }

  /**
   * Ends the session in every tab of this browser, and forgets what was typed: asks first where something was that the
   * server does not have. Stays on the page when `stay` is set.
   */
  async function signOut({ stay = false } = {}): Promise<void> {
    await saveDrafts() // the server keeps them, this machine does not
    const unsaved = unsavedKinds()
    if (
      unsaved.length &&
      !(await ask({
        title: 'Sign out and forget what you typed?',
        description: `Not sent yet, and kept on this device only: ${unsaved.join(', ')}.`,
        action: 'Sign out'
      }))
    )
      return
    isLeaving = true
    try {
      releaseBrowser()
      const { error } = await supabase.auth.signOut({ scope: 'local' })
      // Without a network the session is gone from this browser all the same.
      if (error && (await supabase.auth.getSession()).data.session) throw error
      forgetPerson()
      await leave(stay ? null : '/sign-in')
    } finally {
      isLeaving = false
    }
  }

  /** Follows what other tabs and the auth server do to this session. Called once, by a plugin. */
  function watchSession(): void {
    supabase.auth.onAuthStateChange((event, current) => {
      if (event === 'SIGNED_OUT' && !isLeaving) nuxtApp.runWithContext(followEnd)
      else if (current && claimBrowser(current.user.id) && !isGuestPath(router.currentRoute.value.path)) window.location.assign('/')
    })
  }

  // By itself, or because the person signed out in another tab.
  async function followEnd(): Promise<void> {
    const { path, fullPath, matched } = router.currentRoute.value
    if (hasSessionEnded()) keepUnfinished()
    else forgetPerson()
    // On the first page its middleware knows where somebody wanted to go.
    await leave(matched.length && !isPublicPath(path) ? { path: '/sign-in', query: { redirect: fullPath } } : null)
  }

  // The realtime channels are closed by their own plugin. The page goes first: without its team it would ask for another.
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

function settle<T extends { error: AuthError | null }>(answer: T): T {
  if (answer.error) throw answer.error
  return answer
}
