import type { Session } from '@supabase/supabase-js'

/**
 * The signed-in person, null if there is none. `useSupabaseUser` alone is not enough in a browser: it is set only after the auth server has
 * confirmed the session. The session has the user in a browser, and not on the server.
 */
export function usePerson() {
  const session = useSupabaseSession()
  const user = useSupabaseUser()
  return computed(() => (session.value ? ((session.value as Partial<Session>).user ?? user.value) : null))
}
