import { pageQuery } from '#shared/schemas/page'
import { listParticipants } from '#server/domain/participant'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'tickets.view')
  const ticketId = uuidParam(event, 'ticketId')
  const query = parseQuery(event, pageQuery)
  return sendList(event, await db(tx => listParticipants(tx, teamId, ticketId, query)))
})
