import { deleteSavedView } from '#server/domain/saved-view'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'own.manage')
  const viewId = uuidParam(event, 'viewId')
  await db(tx => deleteSavedView(tx, teamId, viewId))
  return noContent(event)
})
