import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyOf, email, instant, line, timestamp, prose, uuid, wholeNumber } from '#shared/schemas/text'
import { z } from '#shared/schemas/zod'

const messages = (result: { success: boolean; error?: { issues: { message: string }[] } }) =>
  result.error?.issues.map(({ message }) => message)

describe('the schema line', () => {
  const name = line(10, 'Name')

  test.each([
    ['plain', 'plain'],
    ['  trimmed  ', 'trimmed'],
    ['x'.repeat(10), 'x'.repeat(10)],
    ['🎫'.repeat(10), '🎫'.repeat(10)],
    ['🎫', '🎫'],
    ['<b>', '<b>'],
    ['é\u0301', 'é\u0301'],
    ['.', '.'],
    ['a\u200bb', 'a\u200bb'],
    ['\u00a0a\u00a0', 'a'],
    ['\u202a+49 30\u202c', '+49 30'],
    ['\u2068 a\u2069', 'a']
  ])('accepts %j', (value, expected) => {
    expect(name.parse(value)).toBe(expected)
  })

  test.each([
    '',
    ' ',
    '\u200b',
    '\ufeff\u2060',
    '\u202e',
    'a\u202eb',
    'a\u202db',
    '\u2800',
    '\u3164',
    '\u115f\uffa0',
    '\u{e0020}',
    '\u2066\u2069',
    'x'.repeat(11),
    'a\nb',
    'a\rb',
    'a\u2028b',
    'a\u2029b',
    'a\u0085b',
    'a\tb',
    'a\u0000b',
    'a\u001bb',
    'a\ud800',
    '\udfff',
    5,
    null,
    undefined,
    {},
    [],
    ['a'],
    true
  ])('refuses %j', value => {
    expect(name.safeParse(value).success).toBe(false)
  })

  test('an invalid line has exactly one issue', () => {
    expect(messages(name.safeParse(''))).toEqual(['Name is required'])
    expect(messages(name.safeParse('   '))).toEqual(['Name is required'])
    expect(messages(name.safeParse(undefined))).toEqual(['Name is required'])
    expect(messages(name.safeParse(null))).toEqual(['Name must be text'])
    expect(messages(name.safeParse('x'.repeat(11)))).toEqual(['Name must be at most 10 characters'])
    expect(messages(name.safeParse(5))).toEqual(['Name must be text'])
    expect(messages(name.safeParse('a\u0000'))).toEqual(['Contains characters that cannot be stored'])
  })

  test('an accepted line stays unchanged when it is parsed again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), value => {
        const first = name.safeParse(value)
        if (!first.success) return
        expect(name.parse(first.data)).toBe(first.data)
        expect(first.data).not.toMatch(/[\n\r\0\u2028\u2029]/)
        expect([...first.data].length).toBeLessThanOrEqual(10) // as Postgres counts
        expect(first.data.isWellFormed()).toBe(true)
      }),
      { numRuns: 500 }
    )
  })
})

describe('the schema prose', () => {
  const text = prose(100, 'Reply')

  test('prose is kept exactly as sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), value => {
        const result = text.safeParse(value)
        if (result.success) expect(result.data).toBe(value)
      }),
      { numRuns: 500 }
    )
    for (const value of ['  a\r\n\tb  ', '<script>alert(1)</script>', '\u001b[31mred', 'a\u202eb']) expect(text.parse(value)).toBe(value)
  })

  test('missing prose is reported as required', () => {
    expect(messages(text.safeParse(undefined))).toEqual(['Reply is required'])
    expect(messages(text.safeParse(5))).toEqual(['Reply must be text'])
  })

  test.each(['', '\n\n', '\u200b\n\ufeff', 'x'.repeat(101), 'a\u0000', '\ud83d', 1, null])('refuses %j', value => {
    expect(messages(text.safeParse(value))).toHaveLength(1)
  })
})

describe('the schema email', () => {
  test.each([
    ['Ann@Acme.Test', 'ann@acme.test'],
    [' ann@acme.test ', 'ann@acme.test'],
    ['a+tag@b.co', 'a+tag@b.co'],
    ["o'neil@b.test", "o'neil@b.test"],
    ['joe@bücher.example', 'joe@bücher.example'],
    ['Joe@BÜCHER.Example', 'joe@bücher.example'],
    ['a@bu\u0308cher.example', 'a@bücher.example'],
    ['a@例え.jp', 'a@例え.jp'],
    ['a@xn--bcher-kva.example', 'a@xn--bcher-kva.example'],
    ['a@пример.рф', 'a@пример.рф'],
    ['a@उदाहरण.भारत', 'a@उदाहरण.भारत'],
    ['bounce+x=y.z@b.test', 'bounce+x=y.z@b.test'],
    [`${'a'.repeat(64)}@b.test`, `${'a'.repeat(64)}@b.test`]
  ])('accepts %j', (value, expected) => {
    expect(email.parse(value)).toBe(expected)
  })

  test.each([
    '',
    'x',
    'a@b',
    '@b.test',
    'a@',
    'a b@c.test',
    'a@b..test',
    'a@b.test,c@d.test',
    '<a@b.test>',
    'A <a@b.test>',
    'a@b.test\nBcc: x@y.test',
    'a@b.test(c)',
    '"x@evil y"@ok.test',
    `${'a'.repeat(65)}@b.test`,
    `${'a'.repeat(320)}@b.test`,
    'a\u200b@b.test',
    'аdmin@b.test',
    'jörg@b.test',
    'a@b\u200b.test',
    'a@b\u202e.test',
    'a@b。test',
    'a@b．test',
    'a＠b.test',
    'a@b.test, c@d.test',
    'a@b.test;c@d.test',
    'a@☃.test',
    'a@-b.test',
    'a@b-.test',
    'a@b.1',
    'a@127.0.0.1',
    'a@[127.0.0.1]',
    '.a@b.test',
    'a.@b.test',
    'a..b@b.test',
    'a\\@b.test',
    'a\u0000@b.test',
    'a@'.repeat(50_000),
    null,
    5,
    ['a@b.test']
  ])('refuses %j', value => {
    const started = performance.now()
    expect(email.safeParse(value).success).toBe(false)
    expect(performance.now() - started).toBeLessThan(200)
  })
})

describe('the schema uuid', () => {
  const id = '11111111-1111-4111-8111-111111111111'

  test('an id must be a UUID with hyphens and nothing else', () => {
    expect(uuid.safeParse(id).success).toBe(true)
    for (const value of ['', 'x', `{${id}}`, id.replaceAll('-', ''), `urn:uuid:${id}`, `${id}\n`, ` ${id}`, 1, null])
      expect(uuid.safeParse(value).success, String(value)).toBe(false)
  })
})

describe('the schemas timestamp and instant', () => {
  test.each([
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59.123456Z',
    '2030-01-01T09:00:00+15:59',
    '2030-01-01T09:00:00-15:59',
    '2024-02-29T00:00:00Z'
  ])('%s is accepted as timestamp and instant', value => {
    expect(timestamp.parse(value)).toBe(value)
    expect(instant.parse(value)).toBe(value)
  })

  test.each(['0000-06-01T00:00:00Z', '2030-01-01T09:00:00+16:00', '2030-01-01T09:00:00-23:59', `2030-01-01T09:00:00.${'1'.repeat(200)}Z`])(
    '%s is refused with the limits of times that Postgres can store',
    value => {
      for (const schema of [timestamp, instant])
        expect(messages(schema.safeParse(value))).toEqual([
          'Years are 0001 to 9999, offsets at most 15:59, seconds have at most 9 decimals'
        ])
    }
  )

  test('an instant can be a date, a timestamp cannot', () => {
    for (const value of ['0001-01-01', '2024-02-29', '9999-12-31']) expect(instant.parse(value)).toBe(value)
    expect(messages(instant.safeParse('0000-06-01'))).toEqual([
      'Years are 0001 to 9999, offsets at most 15:59, seconds have at most 9 decimals'
    ])
    for (const value of ['2023-02-29', 'x', '', 5, null]) expect(messages(instant.safeParse(value))).toEqual(['Not an ISO 8601 date'])
    for (const value of ['2024-02-29', 'x', '', 5, null]) expect(messages(timestamp.safeParse(value))).toEqual(['Not an ISO 8601 time'])
  })
})

describe('the schema wholeNumber', () => {
  const page = wholeNumber(1, 100)

  test.each([
    ['1', 1],
    ['100', 100],
    ['007', 7]
  ])('a whole number in a query parses %s as %d', (value, expected) => {
    expect(page.parse(value)).toBe(expected)
  })

  test.each(['', '0', '101', '-1', '+1', '1.0', '1e1', '0x1', '1_0', ' 1', '1 ', '１', 'x', '9'.repeat(30), 1, null, ['1']])(
    'refuses %j',
    value => {
      expect(page.safeParse(value).success).toBe(false)
    }
  )
})

test('the schema anyOf accepts one or up to 50 values, and answers an array', () => {
  const words = anyOf(wholeNumber(1, 5))
  expect(words.parse('3')).toEqual([3])
  expect(words.parse(['3', '5'])).toEqual([3, 5])
  for (const value of ['x', ['1', 'x']]) expect(messages(words.safeParse(value))).toEqual(['Must be a whole number'])
  const people = anyOf(z.union([uuid, z.enum(['me', 'none'])], 'Not a member'))
  for (const value of ['x', '', ['x'], ['me', 'x']]) expect(messages(people.safeParse(value))).toEqual(['Not a member'])
  const places = anyOf(z.enum(['here', 'there'], 'Not a place'))
  for (const value of ['x', '', {}, 5, ['x'], ['here', 'x']]) expect(messages(places.safeParse(value))).toEqual(['Not a place'])
  expect(messages(words.safeParse([]))).toEqual(['Name at least one value'])
  expect(messages(words.safeParse(Array.from({ length: 51 }, () => '1')))).toEqual(['Name at most 50 values'])
  for (const value of [[], ['6'], ['1', 'x'], 'x', {}, Array.from({ length: 51 }, () => '1')])
    expect(words.safeParse(value).success).toBe(false)
})
