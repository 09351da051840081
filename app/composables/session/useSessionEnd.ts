let renewing: Promise<boolean> | undefined

/** What is done when the API refuses a session that this browser takes for a good one. */
export function useSessionEnd() {
  const supabase = useSupabaseClient()
  const session = useSupabaseSession()

  /** Whether there is another access token than the `refused` one now. A session that cannot be renewed any more is ended. */
  async function renewSession(refused: string): Promise<boolean> {
    if (session.value && session.value.access_token !== refused) return true
    renewing ??= renew().finally(() => {
      renewing = undefined
    })
    return await renewing
  }

  /** Ends the session in this browser; `useAuth().watchSession` then leads to the sign-in page and says why. */
  async function endSession(): Promise<void> {
    await supabase.auth.signOut({ scope: 'local' })
  }

  async function renew(): Promise<boolean> {
    const { data, error } = await supabase.auth.refreshSession()
    if (data.session) {
      session.value = data.session
      return true
    }
    const mayPass = error?.name === 'AuthRetryableFetchError'
    if (!mayPass) await endSession()
    return false
  }

  return { renewSession, endSession }
}
