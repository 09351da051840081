import { undoMerge } from '#server/domain/contact/merge'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'contacts.merge')
  const mergeId = uuidParam(event, 'mergeId')
  return db(tx => undoMerge(tx, teamId, mergeId))
})
