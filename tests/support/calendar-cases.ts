import type { CalendarHours, CalendarRules } from '#shared/sla/calendar'

/** Zones with every kind of clock change: half an hour, over midnight, over a whole day, twice around Ramadan, and none. */
export const zones = [
  'UTC',
  'Europe/Berlin',
  'Europe/London',
  'Europe/Dublin', // summer is its standard time
  'Europe/Moscow',
  'Atlantic/Azores',
  'America/New_York',
  'America/Los_Angeles',
  'America/St_Johns',
  'America/Sao_Paulo', // at midnight, before 2019
  'America/Asuncion',
  'America/Santiago',
  'America/Havana', // at midnight
  'America/Nuuk',
  'America/Caracas',
  'Africa/Cairo', // at midnight
  'Africa/Casablanca', // back for Ramadan
  'Africa/El_Aaiun',
  'Africa/Johannesburg',
  'Asia/Beirut', // at midnight
  'Asia/Gaza',
  'Asia/Tehran',
  'Asia/Kathmandu', // +5:45
  'Asia/Kolkata',
  'Asia/Pyongyang',
  'Asia/Tokyo',
  'Australia/Sydney',
  'Australia/Lord_Howe', // by half an hour
  'Pacific/Apia', // had no 2011-12-30
  'Pacific/Chatham' // +12:45
] as const

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const [firstDay, lastDay] = [Date.UTC(2010, 0, 1), Date.UTC(2031, 0, 1)]

/** A calendar, the period that it covers, and instants in it. */
export interface CalendarCase {
  rules: CalendarRules
  from: number
  until: number
}

/** Random rules over a period of six weeks between 2010 and 2031; half of the periods surround a change of clocks. */
export function randomCalendar(random: (limit: number) => number): CalendarCase {
  const time_zone = zones[random(zones.length)]!
  const changes = clockChanges(time_zone)
  const center =
    changes.length > 0 && random(2) === 0 ? changes[random(changes.length)]! : firstDay + random((lastDay - firstDay) / 1000) * 1000
  const from = Math.floor((center - (10 + random(20)) * dayMs) / 1000) * 1000
  const until = from + 42 * dayMs
  const hours: CalendarHours[] = []
  for (let weekday = 1; weekday <= 7; weekday++) {
    // Windows that touch, that lie in the hours in which clocks change, and whole days.
    const minutes = [0, 0, 30, 60, 90, 120, 150, 165, 180, 210, 540, 750, 795, 1080, 1320, 1410, 1440, random(1441), random(1441)]
    const kind = random(8)
    if (kind === 0) hours.push({ weekday, opens: '00:00', closes: '24:00' })
    else if (kind > 1) {
      const edges = [...new Set(Array.from({ length: 2 * (1 + random(3)) }, () => minutes[random(minutes.length)]!))].sort((a, b) => a - b)
      for (let index = 0; index + 1 < edges.length; index += 1 + random(2))
        hours.push({ weekday, opens: asTime(edges[index]!), closes: asTime(edges[index + 1]!) })
    }
  }
  const dates = new Set(Array.from({ length: random(6) }, () => asDate(from + random(42) * dayMs)))
  const holidays = [...dates].map(date => ({ date }))
  return { rules: { time_zone, hours, holidays }, from, until }
}

/** Whole seconds that the calendar is open, a minute at a time: slow, and without any code of the product. */
export class CalendarOracle {
  private readonly open: Uint8Array
  private readonly from: number
  private readonly until: number

  constructor({ rules: { time_zone, hours, holidays }, from, until }: CalendarCase) {
    this.from = from
    this.until = until
    // Second 0 of each minute decides about the minute: clocks change at whole minutes since 1972.
    const first = Math.floor(from / 60_000)
    this.open = new Uint8Array(Math.ceil(until / 60_000) - first)
    for (let day = Math.floor(from / dayMs) - 2; day <= Math.floor(until / dayMs) + 2; day++) {
      const date = asDate(day * dayMs)
      if (holidays.some(holiday => holiday.date === date)) continue
      // A day that the zone skipped: its noon is on another date.
      if (asDate(localTime(instantOf(day * dayMs + 12 * hourMs, time_zone), time_zone)) !== date) continue
      for (const { weekday, opens, closes } of hours) {
        if (weekday !== (new Date(day * dayMs).getUTCDay() || 7)) continue
        const [start, end] = [opens, closes].map(time => {
          const [hour, minute] = time.split(':').map(Number)
          return instantOf(day * dayMs + (hour! * 60 + minute!) * 60_000, time_zone) / 60_000 - first
        })
        for (let index = Math.max(0, start!); index < Math.min(end!, this.open.length); index++) this.open[index] = 1
      }
    }
  }

  /** Null: the period does not reach so far. */
  addOpen(start: number, seconds: number): number | null {
    let at = Math.floor(start / 1000) * 1000
    for (let left = seconds; at < this.until;) {
      const end = Math.min((Math.floor(at / 60_000) + 1) * 60_000, this.until)
      if (this.isOpen(at)) {
        const counted = (end - at) / 1000
        if (counted >= left) return at + left * 1000
        left -= counted
      }
      at = end
    }
    return null
  }

  openBetween(a: number, b: number): number {
    let [at, sum] = [Math.floor(a / 1000) * 1000, 0]
    const last = Math.floor(b / 1000) * 1000
    while (at < last) {
      const end = Math.min((Math.floor(at / 60_000) + 1) * 60_000, last)
      if (this.isOpen(at)) sum += (end - at) / 1000
      at = end
    }
    return sum
  }

  private isOpen(at: number): boolean {
    return at >= this.from && this.open[Math.floor(at / 60_000) - Math.floor(this.from / 60_000)] === 1
  }
}

/**
 * Turns a local time (as milliseconds of the same time in UTC) into an instant, with the offsets a day before and after it: the first that
 * reads so on the clock, else moved forward by the gap.
 */
export function instantOf(local: number, timeZone: string): number {
  const [before, after] = [offsetAt(local - dayMs, timeZone), offsetAt(local + dayMs, timeZone)]
  const valid = [local - before, local - after].filter(at => localTime(at, timeZone) === local)
  return valid.length > 0 ? Math.min(...valid) : local - before
}

function localTime(at: number, timeZone: string): number {
  return at + offsetAt(at, timeZone)
}

const formats = new Map<string, Intl.DateTimeFormat>()

// Milliseconds ahead of UTC, as "GMT+05:45" says it.
function offsetAt(at: number, timeZone: string): number {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset', year: 'numeric' })
  formats.set(timeZone, format)
  const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?$/.exec(format.format(at))!
  return sign ? Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000 : 0
}

const changesByZone = new Map<string, number[]>()

/** The instants at which a zone changes its clocks, to the day. */
function clockChanges(timeZone: string): number[] {
  const known = changesByZone.get(timeZone)
  if (known) return known
  const changes: number[] = []
  for (let day = firstDay; day < lastDay; day += dayMs) if (offsetAt(day, timeZone) !== offsetAt(day + dayMs, timeZone)) changes.push(day)
  changesByZone.set(timeZone, changes)
  return changes
}

function asTime(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

function asDate(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
