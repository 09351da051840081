import { listSavedViews } from '#server/domain/saved-view'

export default defineEventHandler(async (event) => {
  const { teamId, db } = await authUser(event, 'tickets.view')
  return db(tx => listSavedViews(tx, teamId))
})
