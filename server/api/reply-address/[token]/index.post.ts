import { mailToken } from '#shared/schemas/team'
import { confirmReplyAddress } from '#server/domain/reply-address'

export default defineEventHandler(async event => {
  setHeaders(event, { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
  const { db } = await openToAll(event)
  const token = tokenParam(event, mailToken)
  return withIdempotency(event, 'anonymous', db)(tx => confirmReplyAddress(tx, token))
})
