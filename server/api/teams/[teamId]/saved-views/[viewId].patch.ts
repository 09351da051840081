import { savedViewUpdate } from '#shared/schemas/saved-view'
import { updateSavedView } from '#server/domain/saved-view'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'own.manage')
  const viewId = uuidParam(event, 'viewId')
  const changes = await parseBody(event, savedViewUpdate)
  return db(tx => updateSavedView(tx, teamId, viewId, changes))
})
