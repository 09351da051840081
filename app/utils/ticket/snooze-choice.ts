import { momentName } from './snooze'

/** A time until which a ticket may be snoozed. */
export interface SnoozeChoice {
  id: string
  label: string
  icon: string
  until: Date
}

/** A row of a snooze menu. `value` is a time in ISO 8601, null to wake the ticket, or `pickTime` to open the date picker. */
export interface SnoozeMenuItem {
  id: string
  label: string
  icon: string
  value: string | null
  hint?: string
}

/** The value of the row that opens the date picker. */
export const pickTime = 'pick'

/** The rows of a snooze menu at `now`: wake (if snoozed), the usual times, and the date picker. */
export function snoozeMenu(now: Date, isSnoozed: boolean): SnoozeMenuItem[] {
  return [
    ...(isSnoozed ? [{ id: 'wake', label: 'Wake now', icon: 'i-lucide-alarm-clock-off', value: null }] : []),
    ...snoozeChoices(now).map(({ until, ...choice }) => ({ ...choice, ...snoozeTime(until) })),
    { id: 'pick', label: 'Pick date and time…', icon: 'i-lucide-calendar-clock', value: pickTime }
  ]
}

/** The row for a typed time; empty if `words` are not a time. */
export function typedSnooze(words: string, now: Date): SnoozeMenuItem[] {
  const until = parseSnoozeTime(words, now)
  return until ? [{ id: 'typed', label: 'Until', icon: 'i-lucide-alarm-clock', ...snoozeTime(until) }] : []
}

function snoozeTime(until: Date): { value: string; hint: string } {
  const value = until.toISOString()
  return { value, hint: momentName(value) }
}

const morning = 9 // o'clock
const minute = 60_000
const maxAheadMs = 365 * 24 * 60 * minute

/** The usual times at `now`, soonest first and without duplicates, in the reader's time zone. */
export function snoozeChoices(now: Date): SnoozeChoice[] {
  const today = new Date(now.getTime() + 3 * 60 * minute)
  const choices = [
    {
      id: 'today',
      label: today.getDate() === now.getDate() ? 'Later today' : 'In 3 hours',
      icon: 'i-lucide-clock-3',
      until: wholeMinute(today)
    },
    { id: 'tomorrow', label: 'Tomorrow', icon: 'i-lucide-sunrise', until: timeOnDay(now, 1) },
    { id: 'monday', label: 'Next Monday', icon: 'i-lucide-briefcase', until: timeOnDay(now, daysUntil(now, 1)) },
    { id: 'week', label: 'In a week', icon: 'i-lucide-calendar-days', until: timeOnDay(now, 7) }
  ]
  // Times coincide: on Sundays "tomorrow" is Monday, on Mondays "next Monday" is in a week.
  return choices.filter(({ until }, place) => choices.findIndex(other => other.until.getTime() === until.getTime()) === place)
}

/**
 * Parses a typed time relative to `now`: "in 20m", "2 days", "3pm", "tomorrow", "fri 15:00", "7 dec", "2026-12-07 9:30".
 * A day without a time means nine o'clock. Null if it is not a time, in the past, or more than a year ahead.
 */
export function parseSnoozeTime(words: string, now: Date): Date | null {
  const text = words.trim().toLowerCase().replace(/\s+/g, ' ')
  const at = afterSpan(text, now) ?? onDayAt(text, now)
  return at && at > now && at.getTime() - now.getTime() <= maxAheadMs ? at : null
}

const spans: Record<string, (at: Date, count: number) => void> = {
  m: (at, count) => at.setMinutes(at.getMinutes() + count),
  h: (at, count) => at.setTime(at.getTime() + count * 60 * minute),
  d: (at, count) => at.setDate(at.getDate() + count),
  w: (at, count) => at.setDate(at.getDate() + 7 * count)
}

function afterSpan(text: string, now: Date): Date | null {
  const [, count, unit] = /^(?:in )?(\d{1,4}|an?) ?(m|min|mins|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?)$/.exec(text) ?? []
  if (!count || !unit) return null
  const at = wholeMinute(now)
  spans[unit[0]!]!(at, count.startsWith('a') ? 1 : Number(count))
  return at
}

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const wholeWeekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

function onDayAt(text: string, now: Date): Date | null {
  const [, before, timeWords] = /^(.*?)(?:^|[ ,]|(?<=\d)t)(?:at )?(noon|\d{1,2}(?::\d\d)? ?[ap]m|\d{1,2}:\d\d)$/.exec(text) ??
    /^(.*?)(?:^|[ ,])at (\d{1,2})$/.exec(text) ?? ['', text]
  const time = timeWords === undefined ? null : readTime(timeWords)
  if (timeWords !== undefined && !time) return null
  const named = before!
    .replace(/,$/, '')
    .replace(/^(?:on|next|until) /, '')
    .trim()
  if (!named) {
    if (!time) return null
    const today = timeOnDay(now, 0, ...time)
    return today > now ? today : timeOnDay(now, 1, ...time)
  }
  const date = readDay(named, now, time)
  if (!date || (named === 'today' && !time)) return null
  return new Date(date.getFullYear(), date.getMonth(), date.getDate(), ...(time ?? ([morning, 0] as const)))
}

function readTime(words: string): [hours: number, minutes: number] | null {
  if (words === 'noon') return [12, 0]
  const [, hour, minutes = '0', half] = /^(\d{1,2})(?::(\d\d))? ?([ap]m)?$/.exec(words) ?? []
  let hours = Number(hour)
  if (half) {
    if (hours < 1 || hours > 12) return null
    hours = (hours % 12) + (half === 'pm' ? 12 : 0)
  }
  return hours < 24 && Number(minutes) < 60 ? [hours, Number(minutes)] : null
}

function readDay(named: string, now: Date, time: [number, number] | null): Date | null {
  if (named === 'today') return now
  if (named === 'tomorrow' || named === 'tom') return timeOnDay(now, 1)
  if (named === 'week') return timeOnDay(now, 7)
  const weekday = [weekdays, wholeWeekdays].map(names => names.indexOf(named)).find(place => place >= 0)
  if (weekday !== undefined) {
    // "fri 3pm" on a Friday morning is today.
    return weekday === now.getDay() && time && timeOnDay(now, 0, ...time) > now ? now : timeOnDay(now, daysUntil(now, weekday))
  }
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(named) ?? []
  if (year) return realDay(Number(year), Number(month) - 1, Number(date))
  const [, before, monthWord, after] = /^(\d{1,2})?\.? ?([a-z]{3,9})\.?(?: (\d{1,2}))?$/.exec(named) ?? []
  const monthNumber = monthWord ? months.findIndex(name => monthWord.startsWith(name)) : -1
  const dateNumber = Number(before ?? after)
  if (monthNumber < 0 || !dateNumber || (before && after)) return null
  const thisYear = realDay(now.getFullYear(), monthNumber, dateNumber)
  return thisYear && thisYear.getTime() + 24 * 60 * minute > now.getTime()
    ? thisYear
    : realDay(now.getFullYear() + 1, monthNumber, dateNumber)
}

/** Null for dates that do not exist, such as 31 February. */
function realDay(year: number, month: number, date: number): Date | null {
  const at = new Date(year, month, date)
  return at.getMonth() === month && at.getDate() === date ? at : null
}

/** A wall-clock time `days` days after `now`, independent of daylight saving changes in between. */
function timeOnDay(now: Date, days: number, hours = morning, minutes = 0): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hours, minutes)
}

/** 1 to 7; today's weekday means next week. */
function daysUntil(now: Date, weekday: number): number {
  return ((weekday - now.getDay() + 6) % 7) + 1
}

function wholeMinute(at: Date): Date {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate(), at.getHours(), at.getMinutes())
}
