import { mailToken } from '#shared/schemas/team'
import { previewUnsubscription } from '#server/domain/notification/unsubscribe'

export default defineEventHandler(async event => {
  setHeaders(event, { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
  const { db } = await openToAll(event)
  const token = tokenParam(event, mailToken)
  return db(tx => previewUnsubscription(tx, token))
})
