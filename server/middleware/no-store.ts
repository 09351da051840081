/** Caches may store an answer only when its route says so. Files of public/ and _nuxt/ do not pass through here. */
export default defineEventHandler(event => {
  setHeader(event, 'cache-control', 'no-store')
})
