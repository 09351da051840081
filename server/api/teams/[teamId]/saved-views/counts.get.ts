import { countSavedViews } from '#server/domain/saved-view'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'tickets.view')
  return db(tx => countSavedViews(tx, caller))
})
