/**
 * The session is the cookie's alone. What the server knew of it while it rendered a page never goes into the page: HTML is
 * copied, saved and cached, and the browser reads the session from its cookie anyway.
 */
export default defineNuxtPlugin(nuxtApp => {
  nuxtApp.hook('app:rendered', () => {
    useSupabaseSession().value = null
    useSupabaseUser().value = null
  })
})
