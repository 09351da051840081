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

  /** Runs `send`. If the API rejects the session, renews it and runs `send` once more; a session that is still rejected ends. */
  async function sendAsPerson<T>(send: () => Promise<T>): Promise<T> {
    const token = session.value?.access_token
    try {
      return await send()
    } catch (error) {
      if (!token || !isSessionRejected(error) || !(await renewSession(token))) throw error
    }
    try {
      return await send()
    } catch (error) {
      if (isSessionRejected(error)) await endSession()
      throw error
    }
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

  return { sendAsPerson }
}

// `signed_out`: there is no token, or it expired. `session_ended`: the token is valid, but its session was revoked.
function isSessionRejected(error: unknown): boolean {
  return statusOf(error) === 401 && ['signed_out', 'session_ended'].includes(codeOf(error) ?? '')
}
