import { listHolidayCountries } from '#server/domain/calendar/holidays'

export default defineEventHandler(async event => {
  const { db } = await authUser(event, 'sla.view')
  return db(async () => ({ countries: await listHolidayCountries() }))
})
