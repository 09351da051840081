import type ICAL from 'ical.js'
import type { HolidayDate, HolidayFile } from '#shared/types/api'
import { addDays } from '#shared/utils/day'
import { Refusal } from '../refusal'

type Component = InstanceType<typeof ICAL.Component>
type Event = InstanceType<typeof ICAL.Event>
type Time = InstanceType<typeof ICAL.Time>

const maxDates = 2_000
const maxEvents = 5_000
const maxDays = 60
// The parameters of a line cost the parser the square of their length.
const maxLineLength = 20_000
// Milliseconds for the events of a file. One step of the rules that are accepted below takes at most 150 ms.
const maxDuration = 1_000

/** Rules of ical.js 2.2 that never match make it search without an end, so only those forms are read that holidays need. */
const readable: Record<string, readonly string[]> = {
  YEARLY: ['BYMONTH', 'BYMONTHDAY', 'BYDAY'],
  MONTHLY: ['BYMONTHDAY', 'BYDAY'],
  WEEKLY: ['BYDAY'],
  DAILY: []
}

/**
 * The local dates of the events of an iCalendar file, at most 2,000 of them, from the beginning of the last year to ten years after `today`
 * (YYYY-MM-DD). Throws 422 `calendar_file` with a sentence that says what is wrong with the file.
 */
export async function readCalendarFile(text: string, today: string): Promise<HolidayFile> {
  const { default: ICAL } = await import('ical.js')
  const first = `${Number(today.slice(0, 4)) - 1}-01-01`
  const last = `${Number(today.slice(0, 4)) + 10}${today.slice(4)}`
  if (!/^\uFEFF?\s*BEGIN:VCALENDAR/i.test(text)) throw refuse('This is not a calendar file: it does not begin with BEGIN:VCALENDAR')
  const unfolded = text.replace(/\r?\n[ \t]/g, '')
  if (new RegExp(`.{${maxLineLength + 1}}`).test(unfolded))
    throw refuse(`The file has a line of more than ${maxLineLength.toLocaleString('en')} characters`)
  let events: Component[]
  try {
    events = new ICAL.Component(ICAL.parse(unfolded) as unknown[]).getAllSubcomponents('vevent')
  } catch (error) {
    throw refuse(`The file cannot be read: ${reasonOf(error)}`)
  }
  if (events.length === 0) throw refuse('The file has no events')
  if (events.length > maxEvents) throw refuse(`The file has more than ${maxEvents.toLocaleString('en')} events`)
  const names = new Map<string, string>()
  const skipped = { outside: 0, observances: 0 }
  const deadline = performance.now() + maxDuration
  const add = (date: string, name: string) => {
    if (date < first || date > last) skipped.outside++
    else if (!names.has(date)) names.set(date, name)
    if (names.size > maxDates) throw refuse(`The file has more than ${maxDates.toLocaleString('en')} dates`)
  }
  const moved = movedOccurrences(events)
  for (const component of events) {
    const event = new ICAL.Event(component)
    const name = nameOf(event)
    if (performance.now() > deadline) throw refuse(tooLong(name))
    if (event.component.getFirstPropertyValue('status') === 'CANCELLED') continue
    // Google describes days that are not free so in its calendars of holidays.
    if (/^observance\b/i.test(event.description ?? '')) {
      skipped.observances++
      continue
    }
    if (!event.startDate) throw refuse(`The event “${name}” has no date`)
    for (const start of occurrences(event, name, deadline, last)) {
      if (!component.hasProperty('recurrence-id') && moved.has(`${event.uid} ${dateOf(start)}`)) continue
      for (const date of daysOf(event, start, name)) add(date, name)
    }
  }
  const holidays: HolidayDate[] = [...names].map(([date, name]) => ({ date, name })).sort((a, b) => (a.date < b.date ? -1 : 1))
  if (holidays.length === 0) throw refuse('The file has no date from the last year to ten years ahead')
  return { holidays, skipped }
}

/** The first days of an event, until `last`. */
function* occurrences(event: Event, name: string, deadline: number, last: string): Generator<Time> {
  if (!event.isRecurring() || event.component.hasProperty('recurrence-id')) {
    yield event.startDate
    return
  }
  if (event.startDate.year < 1900) throw refuse(`“${name}” begins before 1900`)
  for (const rule of event.component.getAllProperties('rrule')) requireReadable(rule.getFirstValue() as unknown as RecurrenceRule, name)
  try {
    const iterator = event.iterator()
    for (let start = iterator.next(); start && dateOf(start) <= last; start = iterator.next()) {
      if (performance.now() > deadline) throw refuse(tooLong(name))
      yield start
    }
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw refuse(`The rule by which “${name}” repeats cannot be read: ${reasonOf(error)}`)
  }
}

interface RecurrenceRule {
  freq: string
  parts: Record<string, unknown[]>
}

function requireReadable({ freq, parts }: RecurrenceRule, name: string): void {
  const allowed = readable[freq]
  if (!allowed) throw refuse(`“${name}” repeats more often than daily. Only days, weeks, months and years can be read`)
  const other = Object.keys(parts).find(part => !allowed.includes(part))
  if (other) throw refuse(`“${name}” repeats by a rule with ${other}, which cannot be read`)
}

/** The occurrences that a file replaces by events of their own, as uid and date. */
function movedOccurrences(events: Component[]): Set<string> {
  return new Set(
    events.flatMap(component => {
      const replaced = component.getFirstPropertyValue('recurrence-id')
      return replaced ? [`${component.getFirstPropertyValue('uid') as string} ${String(replaced).slice(0, 10)}`] : []
    })
  )
}

/** The local dates of an occurrence. The end is exclusive: an event until midnight does not reach the next day. */
function daysOf(event: Event, start: Time, name: string): string[] {
  const seconds = event.duration.toSeconds()
  const days = Math.max(1, Math.ceil((start.hour * 3600 + start.minute * 60 + start.second + seconds) / 86_400))
  if (days > maxDays) throw refuse(`“${name}” lasts longer than ${maxDays} days`)
  return Array.from({ length: days }, (_, index) => addDays(dateOf(start), index))
}

function dateOf({ year, month, day }: Time): string {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

function nameOf({ summary }: Event): string {
  const line = (summary ?? '').replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]+/gu, ' ').trim()
  return [...line].slice(0, 200).join('').trim() || 'Holiday'
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 200) : String(error)
}

function tooLong(name: string): string {
  return `The file takes too long to read: at “${name}”, its rules repeat too often`
}

function refuse(message: string): Refusal {
  return new Refusal(422, 'calendar_file', message)
}
