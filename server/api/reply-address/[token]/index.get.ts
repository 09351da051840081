import { mailToken } from '#shared/schemas/team'
import { previewReplyAddress } from '#server/domain/reply-address'

export default defineEventHandler(async event => {
  setHeaders(event, { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
  const { db } = await openToAll(event)
  const token = tokenParam(event, mailToken)
  return db(tx => previewReplyAddress(tx, token))
})
