import { expect, test } from 'vitest'
import { localDate, previewDays } from '#shared/sla/preview'
import { addDays } from '#shared/utils/day'

const everyDay = [1, 2, 3, 4, 5, 6, 7].map(weekday => ({ weekday, opens: '00:00', closes: '24:00' }))

test('days end at local midnight, and the day on which clocks change has 23 or 25 hours', () => {
  const days = previewDays(
    { time_zone: 'Europe/Berlin', hours: everyDay, holidays: [{ date: '2026-10-26', name: 'Closed' }] },
    '2026-10-24',
    3
  )
  expect(days.map(({ date, holiday, openSeconds }) => [date, holiday, openSeconds / 3600])).toEqual([
    ['2026-10-24', null, 24],
    ['2026-10-25', null, 25],
    ['2026-10-26', 'Closed', 0]
  ])
  expect(days[1]!.open).toEqual([{ opensAt: Date.parse('2026-10-24T22:00:00Z'), closesAt: Date.parse('2026-10-25T23:00:00Z') }])
})

test('a date that a zone skipped has no hours', () => {
  const days = previewDays({ time_zone: 'Pacific/Apia', hours: everyDay, holidays: [] }, '2011-12-29', 3)
  expect(days.map(({ openSeconds }) => openSeconds / 3600)).toEqual([24, 0, 24])
})

test('dates are counted in the zone, over the end of a year', () => {
  expect(localDate(Date.parse('2026-12-31T23:30:00Z'), 'Europe/Berlin')).toBe('2027-01-01')
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01')
})
