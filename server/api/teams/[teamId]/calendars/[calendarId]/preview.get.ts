import { previewQuery } from '#shared/schemas/calendar'
import { previewCalendar } from '#server/domain/calendar/calendar'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'sla.view')
  const calendarId = uuidParam(event, 'calendarId')
  const { from } = parseQuery(event, previewQuery)
  return db(tx => previewCalendar(tx, teamId, calendarId, from))
})
