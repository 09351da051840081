export default defineEventHandler(async () => {
  await requireReady()
  return { status: 'ok' }
})
