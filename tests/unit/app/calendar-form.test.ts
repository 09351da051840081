import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  calendarFields,
  calendarFormSchema,
  mergeHolidays,
  toHours,
  toWeek,
  weekIssue,
  type OpeningTime
} from '~/utils/calendar/calendar-form'

const closedWeek = (): OpeningTime[][] => Array.from({ length: 7 }, () => [])
const weekWith = (days: Record<number, [string, string][]>): OpeningTime[][] =>
  closedWeek().map((_, day) => (days[day + 1] ?? []).map(([opens, closes]) => ({ opens, closes })))

describe('hours of the form', () => {
  it('hours over midnight are stored as two and shown as one, also from Sunday to Monday', () => {
    const week = weekWith({ 1: [['08:00', '12:00']], 5: [['22:00', '06:00']], 7: [['23:30', '00:30']] })
    const hours = toHours(week)
    expect(hours).toEqual([
      { weekday: 1, opens: '08:00', closes: '12:00' },
      { weekday: 5, opens: '22:00', closes: '24:00' },
      { weekday: 6, opens: '00:00', closes: '06:00' },
      { weekday: 7, opens: '23:30', closes: '24:00' },
      { weekday: 1, opens: '00:00', closes: '00:30' }
    ])
    expect(toWeek(hours)).toEqual(week)
  })

  it('whole days stay whole days', () => {
    const week = weekWith(Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map(day => [day, [['00:00', '00:00']]])))
    expect(toHours(week)[0]).toEqual({ weekday: 1, opens: '00:00', closes: '24:00' })
    expect(toWeek(toHours(week))).toEqual(week)
  })

  it('hours until midnight end at 00:00', () => {
    expect(toHours(weekWith({ 3: [['18:00', '00:00']] }))).toEqual([{ weekday: 3, opens: '18:00', closes: '24:00' }])
  })

  it('what is shown of stored hours is stored as the same hours', () => {
    const time = fc.integer({ min: 0, max: 24 }).map(hour => `${String(hour).padStart(2, '0')}:00`)
    const day = fc.uniqueArray(time, { maxLength: 6 }).map(times => {
      const sorted = times.toSorted()
      return Array.from({ length: Math.floor(sorted.length / 2) }, (_, index) => ({
        opens: sorted[2 * index]!,
        closes: sorted[2 * index + 1]!
      }))
    })
    const order = (hours: { weekday: number; opens: string }[]) =>
      hours.toSorted((a, b) => a.weekday - b.weekday || (a.opens < b.opens ? -1 : 1))
    fc.assert(
      fc.property(fc.array(day, { minLength: 7, maxLength: 7 }), week => {
        const hours = week.flatMap((windows, index) => windows.map(window => ({ weekday: index + 1, ...window })))
        expect(order(toHours(toWeek(hours)))).toEqual(order(hours))
      })
    )
  })

  it.each([
    [closedWeek(), 'A calendar must be open at some time'],
    [weekWith({ 2: [['09:00', '']] }), 'Tuesday has hours without a beginning or end'],
    [weekWith({ 2: [['09:00', '09:00']] }), 'Hours of Tuesday end when they begin'],
    [
      weekWith({
        2: [
          ['09:00', '12:00'],
          ['11:59', '13:00']
        ]
      }),
      'Two opening times overlap on Tuesday'
    ],
    [weekWith({ 7: [['22:00', '06:00']], 1: [['05:00', '09:00']] }), 'Two opening times overlap on Monday'],
    [
      weekWith({
        2: [
          ['09:00', '12:00'],
          ['12:00', '13:00']
        ]
      }),
      null
    ]
  ])('%j: %s', (week, issue) => {
    expect(weekIssue(week)).toBe(issue)
  })
})

describe('the form for a calendar', () => {
  it('its output is the body of a request', () => {
    const fields = { ...calendarFields(null, 'Europe/Berlin'), name: ' Office ' }
    expect(calendarFormSchema.parse(fields)).toEqual({
      name: 'Office',
      time_zone: 'Europe/Berlin',
      hours: [1, 2, 3, 4, 5].map(weekday => ({ weekday, opens: '09:00', closes: '17:00' })),
      country: null,
      region: null,
      holidays: []
    })
    const { error } = calendarFormSchema.safeParse({ ...fields, week: closedWeek() })
    expect(error!.issues.map(({ path, message }) => [path, message])).toEqual([[['week'], 'A calendar must be open at some time']])
  })

  it('public holidays replace those of the country before, and leave dates alone that somebody wrote', () => {
    const holidays = [
      { date: '2026-01-01', name: 'Neujahr', source: 'country' as const },
      { date: '2026-12-24', name: 'Ours', source: 'manual' as const }
    ]
    const dates = [
      { date: '2026-12-24', name: 'Eve' },
      { date: '2026-07-14', name: 'Fête' }
    ]
    expect(mergeHolidays(holidays, dates, 'country', true)).toEqual([
      { date: '2026-07-14', name: 'Fête', source: 'country' },
      { date: '2026-12-24', name: 'Ours', source: 'manual' }
    ])
    expect(mergeHolidays(holidays, dates, 'ics').map(({ name, source }) => `${name} ${source}`)).toEqual([
      'Neujahr country',
      'Fête ics',
      'Ours manual'
    ])
  })
})
