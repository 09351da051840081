import { pageQuery } from '#shared/schemas/page'
import { listClocks } from '#server/domain/sla/clock'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'sla.view')
  const ticketId = uuidParam(event, 'ticketId')
  const query = parseQuery(event, pageQuery)
  return sendList(event, await db(tx => listClocks(tx, teamId, ticketId, query)))
})
