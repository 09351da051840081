import { ratingToken, ratingUpdate } from '#shared/schemas/rating'
import { saveRating } from '#server/domain/rating'

export default defineEventHandler(async event => {
  setHeaders(event, { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
  const { db } = await openToAll(event)
  const token = tokenParam(event, ratingToken)
  const rating = await parseBody(event, ratingUpdate)
  return withIdempotency(event, 'anonymous', db)(tx => saveRating(tx, token, rating))
})
