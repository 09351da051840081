import { differenceInCalendarDays, isSameYear } from 'date-fns'

/** "Today", "Yesterday", or the date, in the reader's time zone and locale. */
export function dayName(day: Date, today: Date): string {
  const age = differenceInCalendarDays(today, day)
  if (age <= 0) return 'Today'
  if (age === 1) return 'Yesterday'
  const year = isSameYear(day, today) ? undefined : 'numeric'
  return new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long', year }).format(day)
}
