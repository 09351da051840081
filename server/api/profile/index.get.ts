import { getProfile } from '#server/domain/profile'

export default defineEventHandler(async event => {
  const { db } = await requireUser(event)
  return db(getProfile)
})
