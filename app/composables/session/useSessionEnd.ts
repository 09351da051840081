let renewing: Promise<boolean> | undefined

/** Handles a session that the API rejects although this browser considers it valid. */
export function useSessionEnd() {
  const supabase = useSupabaseClient()
  const session = useSupabaseSession()

  /** Returns whether there is now another access token than the `rejected` one. Ends a session that can no longer be renewed. */
  async function renewSession(rejected: string): Promise<boolean> {
    if (session.value && session.value.access_token !== rejected) return true
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
    const isTransient = error?.name === 'AuthRetryableFetchError'
    if (!isTransient) await endSession()
    return false
  }

  return { renewSession, endSession }
}
