import { DEFAULT_COOKIE_OPTIONS } from '@supabase/ssr'

const sessionDays = 30 // the maximum length of a session: supabase/config.toml, auth.sessions.timebox

/**
 * Limits the lifetime of session cookies. @supabase/ssr keeps cookies for 400 days regardless of its options, but a cookie should
 * not outlive its session. Must run before the Supabase client writes a session.
 */
export default defineNuxtPlugin({
  name: 'session-cookie',
  enforce: 'pre',
  order: -50,
  setup() {
    DEFAULT_COOKIE_OPTIONS.maxAge = sessionDays * 24 * 3_600
  }
})
