import { avatarType, saveAvatar } from '#server/domain/profile'

const maxAvatarBytes = 256_000 // 256 x 256 pixels need a tenth of it

export default defineEventHandler(async event => {
  const { db } = await requireUser(event)
  const content = await readBytes(event, maxAvatarBytes)
  const contentType = avatarType(content)
  if (!contentType) throw failure(415, 'content_type', 'Send a PNG, JPEG or WebP picture')
  return db(tx => saveAvatar(tx, content, contentType))
})
