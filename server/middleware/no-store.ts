/**
 * No cache keeps an answer unless its route says so. Files of public/ and _nuxt/ are answered before this runs, with headers
 * of their own.
 */
export default defineEventHandler(event => {
  setHeader(event, 'cache-control', 'no-store')
})
