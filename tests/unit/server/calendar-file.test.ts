import { describe, expect, test } from 'vitest'
import { readCalendarFile } from '#server/domain/calendar/ics'
import { Refusal } from '#server/domain/refusal'

const today = '2026-11-30'
const file = (...events: string[][]) =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Test//EN',
    ...events.flatMap(lines => ['BEGIN:VEVENT', ...lines, 'END:VEVENT']),
    'END:VCALENDAR'
  ].join('\r\n')
const read = async (...events: string[][]) =>
  (await readCalendarFile(file(...events), today)).holidays.map(({ date, name }) => `${date} ${name}`)

async function refusal(text: string): Promise<Refusal> {
  const error = await readCalendarFile(text, today).then(
    () => undefined,
    (error: unknown) => error
  )
  expect(error).toBeInstanceOf(Refusal)
  expect(error).toMatchObject({ statusCode: 422, code: 'calendar_file' })
  return error as Refusal
}

describe('a calendar file', () => {
  test('dates, of one and of several days, whose end is exclusive', async () => {
    expect(
      await read(
        ['UID:1', 'DTSTART;VALUE=DATE:20261225', 'SUMMARY:Christmas\\, first day'],
        ['UID:2', 'DTSTART;VALUE=DATE:20261230', 'DTEND;VALUE=DATE:20270102', 'SUMMARY:Closed'],
        ['UID:3', 'DTSTART;VALUE=DATE:20270501', 'DURATION:P2D', 'SUMMARY:May']
      )
    ).toEqual([
      '2026-12-25 Christmas, first day',
      '2026-12-30 Closed',
      '2026-12-31 Closed',
      '2027-01-01 Closed',
      '2027-05-01 May',
      '2027-05-02 May'
    ])
  })

  test('times are cut to the local dates that the file names, whatever their zone', async () => {
    expect(
      await read(
        ['UID:1', 'DTSTART;TZID=Pacific/Auckland:20261224T200000', 'DTEND;TZID=Pacific/Auckland:20261225T010000', 'SUMMARY:Eve'],
        ['UID:2', 'DTSTART:20261226T000000Z', 'DTEND:20261227T000000Z', 'SUMMARY:Until midnight'],
        ['UID:3', 'DTSTART:20261228T090000', 'SUMMARY:Without an end']
      )
    ).toEqual(['2026-12-24 Eve', '2026-12-25 Eve', '2026-12-26 Until midnight', '2026-12-28 Without an end'])
  })

  test('rules are expanded for ten years, with exceptions and moved occurrences', async () => {
    const holidays = await read(
      ['UID:1', 'DTSTART;VALUE=DATE:20001003', 'RRULE:FREQ=YEARLY', 'EXDATE;VALUE=DATE:20281003', 'SUMMARY:Unity'],
      ['UID:1', 'RECURRENCE-ID;VALUE=DATE:20291003', 'DTSTART;VALUE=DATE:20291004', 'SUMMARY:Unity, moved']
    )
    expect(holidays).toEqual([
      '2025-10-03 Unity',
      '2026-10-03 Unity',
      '2027-10-03 Unity',
      '2029-10-04 Unity, moved',
      ...[2030, 2031, 2032, 2033, 2034, 2035, 2036].map(year => `${year}-10-03 Unity`)
    ])
  })

  test.each([
    ['FREQ=YEARLY;BYMONTH=11;BYDAY=4TH', '20201126', '2026-11-26'],
    ['FREQ=MONTHLY;BYDAY=-1FR', '20260130', '2026-11-27'],
    ['FREQ=WEEKLY;BYDAY=WE', '20260107', '2026-11-25'],
    ['FREQ=DAILY;COUNT=3', '20261124', '2026-11-26']
  ])('the rule %s from %s reaches %s', async (rule, start, date) => {
    expect(await read(['UID:1', `DTSTART;VALUE=DATE:${start}`, `RRULE:${rule}`, 'SUMMARY:x'])).toContain(`${date} x`)
  })

  test('cancelled events, observances and dates outside of the period are left out, and the first name of a date stays', async () => {
    const answer = await readCalendarFile(
      file(
        ['UID:1', 'DTSTART;VALUE=DATE:20261225', 'SUMMARY:Christmas', 'DESCRIPTION:Public holiday'],
        ['UID:2', 'DTSTART;VALUE=DATE:20261225', 'SUMMARY:Xmas'],
        ['UID:3', 'DTSTART;VALUE=DATE:20270214', 'SUMMARY:Valentine', 'DESCRIPTION:Observance\\nTo hide observances\\, …'],
        ['UID:4', 'DTSTART;VALUE=DATE:20270101', 'SUMMARY:Gone', 'STATUS:CANCELLED'],
        ['UID:5', 'DTSTART;VALUE=DATE:19990101', 'SUMMARY:Old']
      ),
      today
    )
    expect(answer).toEqual({ holidays: [{ date: '2026-12-25', name: 'Christmas' }], skipped: { outside: 1, observances: 1 } })
  })

  test('a name is one line of at most 200 characters, and an event without one is a holiday', async () => {
    expect(
      await read(
        ['UID:1', 'DTSTART;VALUE=DATE:20261201', 'SUMMARY:Two\\nlines \u202eturned'],
        ['UID:2', 'DTSTART;VALUE=DATE:20261202'],
        ['UID:3', 'DTSTART;VALUE=DATE:20261203', `SUMMARY:${'x'.repeat(300)}`]
      )
    ).toEqual(['2026-12-01 Two lines  turned', '2026-12-02 Holiday', `2026-12-03 ${'x'.repeat(200)}`])
  })

  test.each([
    ['', 'This is not a calendar file: it does not begin with BEGIN:VCALENDAR'],
    ['%PDF-1.7', 'This is not a calendar file: it does not begin with BEGIN:VCALENDAR'],
    ['BEGIN:VCALENDAR\r\nnonsense', 'The file cannot be read: invalid line (no token ";" or ":") "nonsense"'],
    [file(), 'The file has no events'],
    [file(['UID:1', 'SUMMARY:Party']), 'The event “Party” has no date'],
    [file(['UID:1', 'DTSTART;VALUE=DATE:19990101', 'SUMMARY:Old']), 'The file has no date from the last year to ten years ahead'],
    [
      file(['UID:1', 'DTSTART;VALUE=DATE:20260101', 'RRULE:FREQ=HOURLY', 'SUMMARY:Bell']),
      '“Bell” repeats more often than daily. Only days, weeks, months and years can be read'
    ],
    [
      file(['UID:1', 'DTSTART;VALUE=DATE:20260101', 'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30', 'SUMMARY:Never']),
      '“Never” repeats by a rule with BYMONTH, which cannot be read'
    ],
    [file(['UID:1', 'DTSTART;VALUE=DATE:20260101', 'RRULE:FREQ=DAILY', 'SUMMARY:All']), 'The file has more than 2,000 dates'],
    [
      file(['UID:1', 'DTSTART;VALUE=DATE:20260101', 'DTEND;VALUE=DATE:20270101', 'SUMMARY:Sabbatical']),
      '“Sabbatical” lasts longer than 60 days'
    ]
  ])('%j is refused: %s', async (text, message) => {
    expect((await refusal(text)).message).toBe(message)
  })

  test('files that are made to take long are refused within two seconds', async () => {
    const never = ['DTSTART;VALUE=DATE:20260101', 'RRULE:FREQ=YEARLY;BYDAY=6MO;BYMONTH=2', 'SUMMARY:Never']
    const files = [
      file(...Array.from({ length: 5_000 }, (_, index) => [`UID:${index}`, ...never])),
      file(['UID:1', 'DTSTART;VALUE=DATE:00010101', 'RRULE:FREQ=DAILY', 'SUMMARY:Old']),
      file(['UID:1', 'DTSTART;VALUE=DATE:19000101', 'RRULE:FREQ=DAILY', 'SUMMARY:Old']),
      file(['UID:1', 'DTSTART;VALUE=DATE:20260101', 'RRULE:FREQ=YEARLY;INTERVAL=100000000', 'SUMMARY:Rare']),
      `BEGIN:VCALENDAR\r\n${'BEGIN:VEVENT\r\n'.repeat(70_000)}`,
      `BEGIN:VCALENDAR\r\nX${';A=B'.repeat(240_000)}:x`,
      `BEGIN:VCALENDAR\r\nX:${'\r\n '.repeat(330_000)}`,
      `BEGIN:VCALENDAR\r\n${'BEGIN:VEVENT\r\nDTSTART:20260101\r\nEND:VEVENT\r\n'.repeat(22_000)}END:VCALENDAR`
    ]
    for (const text of files) {
      const began = performance.now()
      await refusal(text)
      expect(performance.now() - began, text.slice(0, 120)).toBeLessThan(2_000)
    }
  })
})
