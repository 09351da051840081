/**
 * Removes the session from the payload of rendered pages: HTML is copied, saved and cached, and the browser reads the session from
 * its cookie anyway.
 */
export default defineNuxtPlugin(nuxtApp => {
  nuxtApp.hook('app:rendered', () => {
    useSupabaseSession().value = null
    useSupabaseUser().value = null
  })
})
