import type { CalendarHours } from '#shared/sla/calendar'

/** ISO 8601: 1 is Monday. */
export const weekdays = [1, 2, 3, 4, 5, 6, 7]

const longNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

export function weekdayName(weekday: number): string {
  return longNames[weekday - 1]!
}

/** The hours in one line, with equal days in a row as one: "Mon–Fri 09:00–12:30, 13:15–18:00 · Sat 10:00–14:00". */
export function hoursSummary(hours: readonly CalendarHours[]): string {
  const days = weekdays.map(weekday => ({
    weekday,
    windows: hours
      .filter(entry => entry.weekday === weekday)
      .map(({ opens, closes }) => `${opens}–${closes}`)
      .sort()
      .join(', ')
  }))
  const runs: { first: number; last: number; windows: string }[] = []
  for (const { weekday, windows } of days) {
    const run = runs.at(-1)
    if (run?.windows === windows) run.last = weekday
    else runs.push({ first: weekday, last: weekday, windows })
  }
  return runs
    .filter(({ windows }) => windows)
    .map(({ first, last, windows }) => `${first === last ? shortName(first) : `${shortName(first)}–${shortName(last)}`} ${windows}`)
    .join(' · ')
}

function shortName(weekday: number): string {
  return weekdayName(weekday).slice(0, 3)
}
