import { localDate } from '#shared/sla/preview'
import { readCalendarFile } from '#server/domain/calendar/ics'

const maxFileBytes = 1_000_000

export default defineEventHandler(async event => {
  const { db } = await authUser(event, 'sla.manage')
  const content = await readBytes(event, maxFileBytes)
  return db(() => readCalendarFile(new TextDecoder().decode(content), localDate(Date.now(), 'UTC')))
})
