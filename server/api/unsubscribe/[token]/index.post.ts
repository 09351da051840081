import { mailToken } from '#shared/schemas/team'
import { unsubscribe } from '#server/domain/notification/unsubscribe'

export default defineEventHandler(async event => {
  setHeaders(event, { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
  const { db } = await openToAll(event)
  const token = tokenParam(event, mailToken)
  await withIdempotency(event, 'anonymous', db)(tx => unsubscribe(tx, token))
  return noContent(event)
})
