import { listCannedResponses } from '#server/domain/canned-response'

export default defineEventHandler(async (event) => {
  const { teamId, db } = await authUser(event, 'canned_responses.view')
  return db(tx => listCannedResponses(tx, teamId))
})
