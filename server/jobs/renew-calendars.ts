import { plural } from '#shared/utils/plural'
import { asService } from '../db/identity'
import { renewNextCalendar } from '../domain/calendar/renew'
import { runBatches } from './batches'
import type { Job } from './boss'

/** Extends calendars, and computes them again when the time zone data of this process is new. Returns the names of those that moved. */
export async function renewCalendars(stopping: AbortSignal): Promise<string[]> {
  const moved: string[] = []
  const done: string[] = []
  await runBatches(stopping, async () => {
    const calendar = await asService('renewing a calendar', db => renewNextCalendar(db, done))
    if (!calendar) return 0
    done.push(calendar.id)
    if (calendar.hasMoved) moved.push(calendar.name)
    return 1
  })
  return moved
}

export const renewCalendarsJob: Job = {
  name: 'renew-calendars',
  async run(stopping) {
    const moved = await renewCalendars(stopping)
    if (moved.length === 0) return
    const words = plural(moved.length, 'the open hours of 1 calendar', 'the open hours of # calendars')
    console.warn(`Time zone data ${process.versions.tz} moved ${words}: ${moved.join(', ')}`)
  }
}
