import { pageQuery } from '#shared/schemas/page'
import { listCalendars } from '#server/domain/calendar/calendar'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'sla.view')
  const query = parseQuery(event, pageQuery)
  return sendList(event, await db(tx => listCalendars(tx, teamId, query)))
})
