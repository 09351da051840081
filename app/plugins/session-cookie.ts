import { DEFAULT_COOKIE_OPTIONS } from '@supabase/ssr'

const sessionDays = 30 // as long as a session may last: supabase/config.toml, auth.sessions.timebox

/**
 * Before the Supabase client writes a session: @supabase/ssr keeps its cookies for 400 days, whatever its options say. A cookie
 * that outlives its session is a credential that nobody can use and everybody can copy.
 */
export default defineNuxtPlugin({
  name: 'session-cookie',
  enforce: 'pre',
  order: -50,
  setup() {
    DEFAULT_COOKIE_OPTIONS.maxAge = sessionDays * 24 * 3_600
  }
})
