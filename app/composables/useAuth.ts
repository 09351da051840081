import type { AuthError, EmailOtpType } from '@supabase/supabase-js'
import type { z } from 'zod'
import type { signIn as signInSchema, signUp as signUpSchema } from '#shared/schemas/profile'

/** Kept in the browser when somebody signs out: how things look, nothing of what they held. */
const kept = /^(nuxt-color-mode|switchboard)/

let isLeaving = false

/** Sign-up, sign-in, mail links and sign-out. `next` is the page of ours to come back to from a mail. */
export function useAuth() {
  const supabase = useSupabaseClient()
  const session = useSupabaseSession()
  const nuxtApp = useNuxtApp()
  const { siteUrl } = useRuntimeConfig().public
  const { saveAll: saveDrafts } = useReplyDraftSync()

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
    settle(await supabase.auth.signInWithOtp({ email, options: { data: { full_name }, emailRedirectTo: linkTo(next), shouldCreateUser: true } }))
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
    const { error } = await supabase.auth.admin.signOut(before.access_token, 'local')
    if (error) throw error
  }

  /** Ends the session in every tab of this browser. Stays on the page when `stay` is set. */
  async function signOut({ stay = false } = {}): Promise<void> {
    isLeaving = true
    try {
      await saveDrafts() // the server keeps them, this machine does not
      const { error } = await supabase.auth.signOut({ scope: 'local' })
      if (error) throw error
      forget()
      if (!stay) await navigateTo('/sign-in', { replace: true })
    } finally {
      isLeaving = false
    }
  }

  /** Follows what other tabs and the auth server do to this session. Called once, by a plugin. */
  function watchSession(): void {
    supabase.auth.onAuthStateChange((event, current) => {
      const { profile } = useTeam()
      if (event === 'SIGNED_OUT' && !isLeaving) nuxtApp.runWithContext(followSignOut)
      else if (current && profile.value && profile.value.id !== current.user.id) window.location.assign('/')
    })
  }

  async function followSignOut(): Promise<void> {
    const { path, fullPath } = useRouter().currentRoute.value
    forget()
    if (!isPublicPath(path)) await navigateTo({ path: '/sign-in', query: { redirect: fullPath } }, { replace: true })
  }

  // The realtime channels are closed by their own plugin.
  function forget(): void {
    session.value = null
    useSupabaseUser().value = null
    useTeam().forget()
    clearNuxtData(key => !key.startsWith('invitation-')) // an invitation is its holder's, signed in or not
    for (const storage of [localStorage, sessionStorage]) {
      for (const key of Object.keys(storage).filter(key => !kept.test(key))) storage.removeItem(key)
    }
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
