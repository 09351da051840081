import { plural } from '#shared/utils/plural'
import { asService } from '../db/identity'
import { listDueCalendars, renewCalendar } from '../domain/calendar/renew'
import type { Job } from './boss'
import { reasonOf } from './error-text'

/** Extends calendars, and computes them again when the time zone data of this process is new. Returns the names of those that moved. */
export async function renewCalendars(stopping: AbortSignal): Promise<string[]> {
  const moved: string[] = []
  for (const id of await asService('finding calendars to renew', listDueCalendars)) {
    if (stopping.aborted) break
    try {
      const name = await asService('renewing a calendar', db => renewCalendar(db, id))
      if (name !== undefined) moved.push(name)
    } catch (error) {
      // The others must not wait for one whose country is no longer known. It is tried again with the next run.
      console.error(`The calendar ${id} could not be renewed: ${reasonOf(error)}`)
    }
  }
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
