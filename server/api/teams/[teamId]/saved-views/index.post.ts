import { savedViewCreate } from '#shared/schemas/saved-view'
import { createSavedView } from '#server/domain/saved-view'

export default defineEventHandler(async event => {
  const { user, teamId, db } = await authUser(event, 'own.manage')
  const fields = await parseBody(event, savedViewCreate)
  return created(event, await db(tx => createSavedView(tx, teamId, user.sub, fields)))
})
