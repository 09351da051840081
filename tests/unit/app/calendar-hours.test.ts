import { describe, expect, it } from 'vitest'
import { hoursSummary } from '~/utils/calendar/calendar-hours'

const on = (weekdays: number[], ...windows: [string, string][]) =>
  weekdays.flatMap(weekday => windows.map(([opens, closes]) => ({ weekday, opens, closes })))

describe('the summary of hours', () => {
  it.each([
    [
      [...on([1, 2, 3, 4, 5], ['13:15', '18:00'], ['09:00', '12:30']), ...on([6], ['10:00', '14:00'])],
      'Mon–Fri 09:00–12:30, 13:15–18:00 · Sat 10:00–14:00'
    ],
    [on([1, 3, 4], ['09:00', '17:00']), 'Mon 09:00–17:00 · Wed–Thu 09:00–17:00'],
    [on([1, 2, 3, 4, 5, 6, 7], ['00:00', '24:00']), 'Mon–Sun 00:00–24:00'],
    [[], '']
  ])('%j reads %s', (hours, expected) => {
    expect(hoursSummary(hours)).toBe(expected)
  })
})
