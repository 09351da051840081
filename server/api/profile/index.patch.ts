import { profileUpdate } from '#shared/schemas/profile'
import { updateProfile } from '#server/domain/profile'

export default defineEventHandler(async event => {
  const { user, db } = await requireUser(event)
  const changes = await parseBody(event, profileUpdate)
  return db(tx => updateProfile(tx, user.sub, changes))
})
