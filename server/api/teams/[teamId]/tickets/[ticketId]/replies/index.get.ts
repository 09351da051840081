import { pageQuery } from '#shared/schemas/page'
import { listReplies } from '#server/domain/reply'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'tickets.view')
  const ticketId = uuidParam(event, 'ticketId')
  const query = parseQuery(event, pageQuery)
  return sendList(event, await db(tx => listReplies(tx, teamId, ticketId, query)))
})
