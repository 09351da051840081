import { deleteCalendar } from '#server/domain/calendar/calendar'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'sla.manage')
  const calendarId = uuidParam(event, 'calendarId')
  await db(tx => deleteCalendar(tx, teamId, calendarId))
  return noContent(event)
})
