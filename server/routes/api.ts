// The path /api itself. server/api answers the paths below it.
export default defineEventHandler(() => {
  throw notFound()
})
