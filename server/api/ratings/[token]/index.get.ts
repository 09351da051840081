import { ratingToken } from '#shared/schemas/rating'
import { getRating } from '#server/domain/rating'

export default defineEventHandler(async (event) => {
  setHeaders(event, { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
  const token = tokenParam(event, ratingToken)
  return asAnonymous(tx => getRating(tx, token))
})
