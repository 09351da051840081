import { pageQuery } from '#shared/schemas/page'
import { listCannedResponses } from '#server/domain/canned-response'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'canned_responses.view')
  const query = parseQuery(event, pageQuery)
  return sendList(event, await db(tx => listCannedResponses(tx, teamId, query)))
})
