// connect-src needs the Supabase URL of run time; nuxt.config has the values of build time.
export default defineNitroPlugin(nitroApp => {
  nitroApp.hooks.hook('nuxt-security:routeRules', rules => {
    const { origin } = new URL(useRuntimeConfig().public.supabase.url)
    const headers = rules['/**']?.headers
    if (!headers || typeof headers !== 'object') return
    const policy = headers.contentSecurityPolicy
    if (!policy || typeof policy !== 'object') return
    policy['connect-src'] = ["'self'", origin, origin.replace(/^http/, 'ws')]
  })
})
