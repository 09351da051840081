// /api alone: what lies beneath it is answered by server/api.
export default defineEventHandler(() => {
  throw notFound()
})
