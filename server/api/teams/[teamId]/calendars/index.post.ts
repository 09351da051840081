import { calendarCreate } from '#shared/schemas/calendar'
import { createCalendar } from '#server/domain/calendar/calendar'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'sla.manage')
  const fields = await parseBody(event, calendarCreate)
  return sendCreated(event, await db(tx => createCalendar(tx, teamId, fields)))
})
