/** No cache keeps an answer unless its route says so. Files of public/ and _nuxt/ do not come here. */
export default defineEventHandler(event => {
  setHeader(event, 'cache-control', 'no-store')
})
