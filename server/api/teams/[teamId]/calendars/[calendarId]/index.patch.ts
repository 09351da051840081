import { calendarUpdate } from '#shared/schemas/calendar'
import { updateCalendar } from '#server/domain/calendar/calendar'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'sla.manage')
  const calendarId = uuidParam(event, 'calendarId')
  const changes = await parseBody(event, calendarUpdate)
  const version = ifMatch(event)
  return db(tx => updateCalendar(tx, teamId, calendarId, changes, version))
})
