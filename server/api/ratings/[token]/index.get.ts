import { ratingToken } from '#shared/schemas/rating'
import { getRating } from '#server/domain/rating'

export default defineEventHandler(async event => {
  setHeaders(event, { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
  const { db } = await openToAll(event)
  const token = tokenParam(event, ratingToken)
  return db(tx => getRating(tx, token))
})
