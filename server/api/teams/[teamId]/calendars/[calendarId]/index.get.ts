import { getCalendar } from '#server/domain/calendar/calendar'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'sla.view')
  const calendarId = uuidParam(event, 'calendarId')
  return db(tx => getCalendar(tx, teamId, calendarId))
})
