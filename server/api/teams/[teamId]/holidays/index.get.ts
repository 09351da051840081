import { holidayQuery } from '#shared/schemas/calendar'
import { findPublicHolidays } from '#server/domain/calendar/holidays'

export default defineEventHandler(async event => {
  const { db } = await authUser(event, 'sla.view')
  const query = parseQuery(event, holidayQuery)
  return db(async () => ({ holidays: await findPublicHolidays(query) }))
})
