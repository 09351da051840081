import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addOpen, CalendarHorizonError, openBetween, openIntervals, type CalendarHours, type CalendarRules } from '#shared/sla/calendar'
import { CalendarOracle, randomCalendar, zones } from '../../../support/calendar-cases.ts'
import { createRandom } from '../../../support/random.ts'

const weekdays = [1, 2, 3, 4, 5]
const everyDay = [1, 2, 3, 4, 5, 6, 7]
const hours = (days: number[], ...windows: [string, string][]): CalendarHours[] =>
  days.flatMap(weekday => windows.map(([opens, closes]) => ({ weekday, opens, closes })))
const rules = (time_zone: string, hours: CalendarHours[], ...holidays: string[]): CalendarRules => ({
  time_zone,
  hours,
  holidays: holidays.map(date => ({ date }))
})
const at = (time: string) => Date.parse(time)
const iso = (at: number) => new Date(at).toISOString().replace('.000Z', 'Z')
const intervals = (calendar: CalendarRules, from: string, until: string) =>
  openIntervals(calendar, at(from), at(until)).intervals.map(({ opensAt, closesAt }) => `${iso(opensAt)}/${iso(closesAt)}`)

const office = rules('Europe/Berlin', hours(weekdays, ['09:00', '12:30'], ['13:15', '18:00']), '2026-12-25')

describe('open intervals', () => {
  test('a week has its windows, in UTC, with the sum of the seconds before each', () => {
    expect(openIntervals(office, at('2026-11-30T00:00:00Z'), at('2026-12-01T12:00:00Z')).intervals).toEqual([
      { opensAt: at('2026-11-30T08:00:00Z'), closesAt: at('2026-11-30T11:30:00Z'), beforeSeconds: 0 },
      { opensAt: at('2026-11-30T12:15:00Z'), closesAt: at('2026-11-30T17:00:00Z'), beforeSeconds: 12_600 },
      { opensAt: at('2026-12-01T08:00:00Z'), closesAt: at('2026-12-01T11:30:00Z'), beforeSeconds: 29_700 }
    ])
  })

  test('a holiday closes its local date, and the part of a night that lies on it', () => {
    const nights = rules(
      'Asia/Tokyo',
      [...hours(weekdays, ['22:00', '24:00']), ...hours([2, 3, 4, 5, 6], ['00:00', '06:00'])],
      '2026-06-03'
    )
    expect(intervals(nights, '2026-06-02T00:00:00Z', '2026-06-05T00:00:00Z')).toEqual([
      '2026-06-02T13:00:00Z/2026-06-02T15:00:00Z', // Tuesday until midnight
      '2026-06-03T15:00:00Z/2026-06-03T21:00:00Z', // Thursday from midnight
      '2026-06-04T13:00:00Z/2026-06-04T21:00:00Z'
    ])
  })

  test('windows that touch are one interval, also over midnight', () => {
    expect(intervals(rules('UTC', hours(everyDay, ['00:00', '12:00'], ['12:00', '24:00'])), '2026-01-01', '2026-03-01')).toEqual([
      '2026-01-01T00:00:00Z/2026-03-01T00:00:00Z'
    ])
  })

  // Vectors of zendesk/biz, spec/time_spec.rb: the last closes at 24:00, which clocks skipped.
  test.each([
    ['America/Los_Angeles', '02:30', '04:00', '2014-03-09', '2014-03-09T10:30:00Z/2014-03-09T11:00:00Z'],
    ['America/Los_Angeles', '01:30', '03:00', '2014-11-02', '2014-11-02T08:30:00Z/2014-11-02T11:00:00Z'],
    ['America/Sao_Paulo', '23:00', '24:00', '2015-10-17', '2015-10-18T02:00:00Z/2015-10-18T03:00:00Z']
  ])('in %s, %s to %s on %s are %s', (zone, opens, closes, date, expected) => {
    const start = at(date) - 12 * 3_600_000
    const weekday = new Date(date).getUTCDay() || 7
    const { intervals } = openIntervals(rules(zone, hours([weekday], [opens, closes])), start, start + 72 * 3_600_000)
    expect(intervals.map(({ opensAt, closesAt }) => `${iso(opensAt)}/${iso(closesAt)}`)).toEqual([expected])
  })

  test('a window that clocks skip is empty, and one that begins behind its end is left out', () => {
    for (const window of [
      ['02:00', '03:00'],
      ['02:30', '03:15']
    ] as [string, string][])
      expect(intervals(rules('Europe/Berlin', hours([7], window)), '2026-03-28', '2026-03-30')).toEqual([])
  })

  test('windows that overlap when clocks change are counted once', () => {
    const { intervals } = openIntervals(
      rules('Europe/Berlin', hours([7], ['02:10', '02:40'], ['03:00', '04:00'])),
      at('2026-03-29'),
      at('2026-03-30')
    )
    expect(intervals).toEqual([{ opensAt: at('2026-03-29T01:00:00Z'), closesAt: at('2026-03-29T02:00:00Z'), beforeSeconds: 0 }])
  })

  test('a day of 25 hours is open for 25, one of 23 for 23, and a date that the zone skipped for none', () => {
    const always = (zone: string, day: string, next: string) => {
      const weekday = new Date(day).getUTCDay() || 7
      const period = openIntervals(rules(zone, hours([weekday], ['00:00', '24:00'])), at(day) - 86_400_000, at(next) + 86_400_000)
      return openBetween(period, at(day) - 86_400_000, at(next) + 86_400_000) / 3600
    }
    expect(always('Europe/Berlin', '2026-10-25', '2026-10-26')).toBe(25)
    expect(always('Europe/Berlin', '2026-03-29', '2026-03-30')).toBe(23)
    expect(always('Australia/Lord_Howe', '2026-04-05', '2026-04-06')).toBe(24.5)
    expect(always('America/Havana', '2026-11-01', '2026-11-02')).toBe(25)
    expect(always('Pacific/Apia', '2011-12-30', '2011-12-31')).toBe(0)
    expect(always('Pacific/Apia', '2011-12-31', '2012-01-01')).toBe(24)
  })

  test('a calendar without hours, or with holidays only, has no interval', () => {
    expect(intervals(rules('UTC', []), '2026-01-01', '2027-01-01')).toEqual([])
    expect(intervals(rules('UTC', hours([1], ['09:00', '17:00']), '2026-06-01'), '2026-06-01', '2026-06-02')).toEqual([])
  })

  test('an unknown zone throws', () => {
    expect(() => openIntervals(rules('Mars/Olympus', []), 0, 1)).toThrow(RangeError)
  })
})

describe('adding open seconds', () => {
  const period = openIntervals(office, at('2026-11-01'), at('2027-02-01'))

  test.each([
    ['Friday evening is due on Monday', '2026-12-04T16:45:00Z', 3600, '2026-12-07T08:45:00Z'],
    ['lunch is not counted', '2026-12-01T11:00:00Z', 3600, '2026-12-01T12:45:00Z'],
    ['what ends exactly at closing is due at closing', '2026-12-04T16:00:00Z', 3600, '2026-12-04T17:00:00Z'],
    ['one second more is due behind the next opening', '2026-12-04T16:00:00Z', 3601, '2026-12-07T08:00:01Z'],
    ['a holiday is not counted', '2026-12-24T16:59:59Z', 2, '2026-12-28T08:00:01Z'],
    ['fractions of a second of the start are cut', '2026-12-01T08:00:00.999Z', 60, '2026-12-01T08:01:00Z'],
    ['0 seconds in open hours are the start', '2026-12-01T08:00:00.5Z', 0, '2026-12-01T08:00:00Z'],
    ['0 seconds at closing time are the next opening', '2026-12-01T17:00:00Z', 0, '2026-12-02T08:00:00Z'],
    ['0 seconds in closed hours are the next opening', '2026-12-05T12:00:00Z', 0, '2026-12-07T08:00:00Z']
  ])('%s', (_, start, seconds, due) => {
    expect(iso(addOpen(period, at(start), seconds))).toBe(due)
  })

  test('without a calendar, every second counts', () => {
    expect(iso(addOpen(null, at('2026-12-05T12:00:00.7Z'), 90))).toBe('2026-12-05T12:01:30Z')
    expect(openBetween(null, at('2026-12-05T12:00:00.7Z'), at('2026-12-05T12:01:30.2Z'))).toBe(90)
    expect(openBetween(null, at('2026-12-05'), at('2026-12-04'))).toBe(0)
  })

  test('instants that the period does not cover throw', () => {
    const short = openIntervals(office, at('2026-11-30'), at('2026-12-05'))
    for (const attempt of [
      () => addOpen(short, at('2026-11-29T23:59:59Z'), 1),
      () => addOpen(short, at('2026-12-05T00:00:01Z'), 1),
      () => addOpen(short, at('2026-11-30'), 5 * 29_700 + 1),
      () => addOpen(short, at('2026-12-04T18:00:00Z'), 0),
      () => openBetween(short, at('2026-11-29'), at('2026-12-01')),
      () => openBetween(short, at('2026-12-01'), at('2026-12-06'))
    ])
      expect(attempt).toThrow(CalendarHorizonError)
    expect(iso(addOpen(short, at('2026-11-30'), 5 * 29_700))).toBe('2026-12-04T17:00:00Z')
    expect(openBetween(short, at('2026-11-30'), at('2026-12-05'))).toBe(5 * 29_700)
    expect(() => addOpen(short, at('2026-12-01'), -1)).toThrow('negative')
  })
})

describe('public vectors', () => {
  // zendesk/biz, spec/calculation: hours that differ by day, in UTC.
  const biz = openIntervals(
    rules('UTC', [...hours([1, 3, 5], ['09:00', '17:00']), ...hours([2, 4], ['10:00', '16:00']), ...hours([6], ['11:00', '14:30'])]),
    at('2005-12-01'),
    at('2006-03-01')
  )
  test('zendesk/biz', () => {
    expect(iso(addOpen(biz, at('2006-01-02T11:00:00Z'), 19 * 3600))).toBe('2006-01-04T16:00:00Z')
    expect(openBetween(biz, at('2006-01-01'), at('2006-01-08'))).toBe(39.5 * 3600)
    expect(openBetween(biz, at('2006-01-08'), at('2006-01-01'))).toBe(0)
    expect(openBetween(biz, at('2006-01-01'), at('2006-01-01'))).toBe(0)
  })

  test('zammad, escalation_examples.rb', () => {
    const zammad = openIntervals(rules('Europe/Berlin', hours(weekdays, ['08:00', '18:00'])), at('2013-03-01'), at('2013-04-01'))
    const created = at('2013-03-21T09:30:00Z')
    expect([60, 120, 180].map(minutes => iso(addOpen(zammad, created, minutes * 60)))).toEqual([
      '2013-03-21T10:30:00Z',
      '2013-03-21T11:30:00Z',
      '2013-03-21T12:30:00Z'
    ])
    expect(iso(addOpen(zammad, at('2013-03-21T12:05:00Z'), 120 * 60))).toBe('2013-03-21T14:05:00Z')
    expect([10, 11, 12, 14].map(hour => openBetween(zammad, created, at(`2013-03-21T${hour}:00:00Z`)) / 60)).toEqual([30, 90, 150, 270])
  })

  test('frappe, test_issue.py', () => {
    const frappe = openIntervals(rules('UTC', hours(weekdays, ['10:00', '18:00'])), at('2019-03-01'), at('2019-04-01'))
    expect([2, 3].map(count => iso(addOpen(frappe, at('2019-03-04T12:00:00Z'), count * 3600)))).toEqual([
      '2019-03-04T14:00:00Z',
      '2019-03-04T15:00:00Z'
    ])
  })
})

describe('2,000 random cases', () => {
  test('agree with a walk minute by minute', () => {
    const seen = new Set<string>()
    for (let seed = 1; seed <= 200; seed++) {
      const random = createRandom(seed)
      const calendar = randomCalendar(random)
      seen.add(calendar.rules.time_zone)
      const period = openIntervals(calendar.rules, calendar.from, calendar.until)
      const oracle = new CalendarOracle(calendar)
      for (let round = 0; round < 10; round++) {
        const start = calendar.from + random(20 * 86_400_000)
        const end = start + random(20 * 86_400_000)
        const seconds = random(4) === 0 ? random(120) * 60 : random(400_000)
        const context = JSON.stringify({ seed, calendar, start, end, seconds })
        expect(openBetween(period, start, end), context).toBe(oracle.openBetween(start, end))
        const expected = oracle.addOpen(start, seconds)
        if (expected === null) expect(() => addOpen(period, start, seconds), context).toThrow(CalendarHorizonError)
        else expect(addOpen(period, start, seconds), context).toBe(expected)
      }
    }
    expect(seen.size).toBe(zones.length)
  })

  test('adding what lies between two instants leads back, later starts are never due earlier, and parts add up', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 0, max: 1_700_000 }),
        fc.integer({ min: 0, max: 900_000 }),
        fc.integer({ min: 1, max: 900_000 }),
        (seed, startSeconds, firstPart, secondPart) => {
          const calendar = randomCalendar(createRandom(seed))
          const period = openIntervals(calendar.rules, calendar.from, calendar.until)
          const start = calendar.from + startSeconds * 1000
          const middle = start + firstPart * 1000
          const end = middle + secondPart * 1000
          const counted = openBetween(period, start, end)
          expect(openBetween(period, start, middle) + openBetween(period, middle, end)).toBe(counted)
          if (counted === 0) return
          const due = addOpen(period, start, counted)
          expect(due).toBeLessThanOrEqual(end)
          expect(openBetween(period, start, due)).toBe(counted)
          expect(addOpen(period, start, 1)).toBeLessThanOrEqual(due)
          const later = openBetween(period, middle, end)
          if (later > 0) expect(addOpen(period, middle, later)).toBeGreaterThanOrEqual(addOpen(period, start, later))
        }
      ),
      { numRuns: 2_000 }
    )
  })
})
