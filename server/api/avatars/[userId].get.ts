import { avatarQuery } from '#shared/schemas/profile'
import { getAvatar } from '#server/domain/profile'

export default defineEventHandler(async event => {
  const { db } = await requireUser(event)
  const userId = uuidParam(event, 'userId')
  parseQuery(event, avatarQuery)
  const { content, content_type } = await db(tx => getAvatar(tx, userId))
  setHeaders(event, {
    'content-type': content_type,
    // A new picture gets a new URL, so a browser may cache this one, for this session only.
    'cache-control': 'private, max-age=31536000, immutable',
    'vary': 'cookie, authorization',
    'content-security-policy': "sandbox; default-src 'none'",
    'x-content-type-options': 'nosniff'
  })
  return content
})
