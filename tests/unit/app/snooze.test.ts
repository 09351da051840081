import { afterAll, describe, expect, it, vi } from 'vitest'
import { momentName } from '~/utils/ticket/snooze'
import { parseSnoozeTime, snoozeChoices } from '~/utils/ticket/snooze-choice'

// Berlin changes its clocks on 29 March and 25 October 2026.
vi.stubEnv('TZ', 'Europe/Berlin')
afterAll(() => {
  vi.unstubAllEnvs()
})

const local = (at: Date | null | undefined) =>
  at &&
  `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')} ${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`
const choicesAt = (now: string) => snoozeChoices(new Date(now)).map(({ label, until }) => [label, local(until)])

describe('snoozeChoices', () => {
  it('the choices are times of working days, the soonest first', () => {
    expect(choicesAt('2026-11-18T11:07:42')).toEqual([
      // a Wednesday
      ['Later today', '2026-11-18 14:07'],
      ['Tomorrow', '2026-11-19 09:00'],
      ['Next Monday', '2026-11-23 09:00'],
      ['In a week', '2026-11-25 09:00']
    ])
  })

  it('the early hours of tomorrow are not called “today”', () => {
    expect(choicesAt('2026-11-18T22:30:00')[0]).toEqual(['In 3 hours', '2026-11-19 01:30'])
  })

  it('each time is offered once: on Sunday, tomorrow is Monday; on Monday, next Monday is in a week', () => {
    expect(choicesAt('2026-11-22T10:00:00').map(([label]) => label)).toEqual(['Later today', 'Tomorrow', 'In a week'])
    expect(choicesAt('2026-11-23T10:00:00').map(([label]) => label)).toEqual(['Later today', 'Tomorrow', 'Next Monday'])
  })

  it('the choices stay at 9:00 across a change of the clocks', () => {
    expect(choicesAt('2026-10-24T18:00:00').map(([, at]) => at)).toEqual([
      '2026-10-24 21:00',
      '2026-10-25 09:00',
      '2026-10-26 09:00',
      '2026-10-31 09:00'
    ])
    expect(
      choicesAt('2026-03-28T18:00:00')
        .slice(1)
        .map(([, at]) => at)
    ).toEqual(['2026-03-29 09:00', '2026-03-30 09:00', '2026-04-04 09:00'])
  })
})

describe('parseSnoozeTime', () => {
  const now = new Date('2026-11-20T10:15:30') // a Friday

  it.each([
    ['in 20m', '2026-11-20 10:35'],
    ['20 min', '2026-11-20 10:35'],
    ['in 2 hours', '2026-11-20 12:15'],
    ['3h', '2026-11-20 13:15'],
    ['in an hour', '2026-11-20 11:15'],
    ['2 days', '2026-11-22 10:15'],
    ['in a week', '2026-11-27 10:15'],
    ['in 2 weeks', '2026-12-04 10:15'],
    ['3pm', '2026-11-20 15:00'],
    ['15:30', '2026-11-20 15:30'],
    ['at 16', '2026-11-20 16:00'],
    ['noon', '2026-11-20 12:00'],
    ['9am', '2026-11-21 09:00'],
    ['12am', '2026-11-21 00:00'],
    ['12:30 pm', '2026-11-20 12:30'],
    ['tomorrow', '2026-11-21 09:00'],
    ['Tomorrow 14:00', '2026-11-21 14:00'],
    ['tomorrow at 9', '2026-11-21 09:00'],
    ['today 17:00', '2026-11-20 17:00'],
    ['mon', '2026-11-23 09:00'],
    ['Monday 8:30', '2026-11-23 08:30'],
    ['next monday', '2026-11-23 09:00'],
    ['sat 3pm', '2026-11-21 15:00'],
    ['fri 3pm', '2026-11-20 15:00'],
    ['fri 9am', '2026-11-27 09:00'],
    ['friday', '2026-11-27 09:00'],
    ['next week', '2026-11-27 09:00'],
    ['7 dec', '2026-12-07 09:00'],
    ['dec 7', '2026-12-07 09:00'],
    ['7. December, 14:00', '2026-12-07 14:00'],
    ['3 jan', '2027-01-03 09:00'],
    ['20 nov 18:00', '2026-11-20 18:00'],
    ['2026-12-07', '2026-12-07 09:00'],
    ['2026-12-07 9:30', '2026-12-07 09:30'],
    ['2026-12-07T09:30', '2026-12-07 09:30']
  ])('parseSnoozeTime reads "%s" as %s', (words, at) => expect(local(parseSnoozeTime(words, now))).toBe(at))

  it.each([
    '',
    ' ',
    'urgent',
    'today',
    'today 9am',
    '0m',
    '25:00',
    '13pm',
    '0am',
    '12:60',
    '31 feb',
    '2026-02-30',
    '2026-11-19',
    '2027-12-01',
    '400 days',
    '60 weeks',
    'fri at',
    '5',
    '7 dec 8',
    'mon tue',
    'dec',
    'in minutes',
    '9999999h'
  ])('parseSnoozeTime rejects “%s”', words => {
    expect(parseSnoozeTime(words, now)).toBeNull()
  })
})

describe('momentName', () => {
  const now = Date.parse('2026-11-20T10:15:00')
  const name = (at: string, weekday?: 'long') =>
    momentName(new Date(at).toISOString(), now, weekday)
      .replace(/\s/g, ' ')
      .replace(/0?9:00(?: AM)?$/, '9:00')

  it('the name of a time is as short as it is unambiguous', () => {
    expect(name('2026-11-20T09:00:00')).toBe('9:00')
    expect(name('2026-11-21T09:00:00')).toBe('Sat 9:00')
    expect(name('2026-11-23T09:00:00', 'long')).toBe('Monday 9:00')
    expect(name('2026-11-26T09:00:00')).toBe('Thu 9:00')
    expect(name('2026-11-27T09:00:00')).toBe('27 Nov, 9:00')
    expect(name('2027-01-04T09:00:00')).toBe('4 Jan 2027, 9:00')
  })

  it('the name of a past time has no weekday', () => {
    expect(name('2026-11-18T09:00:00')).toBe('18 Nov, 9:00')
  })
})
