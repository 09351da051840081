import { savedViewCreate } from '#shared/schemas/saved-view'
import { createSavedView } from '#server/domain/saved-view'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'own.manage')
  const fields = await parseBody(event, savedViewCreate)
  return sendCreated(event, await db(tx => createSavedView(tx, caller, fields)))
})
