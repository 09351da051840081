// What no route answers: the documented shape instead of a page.
export default defineEventHandler(() => {
  throw notFound()
})
