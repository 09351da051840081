import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  formatSearch,
  literalsOf,
  parseSearch,
  searchedNumber,
  ticketReference,
  searchOperators,
  positiveTerms,
  type SearchQuery
} from '#shared/utils/search-query'

const term = (text: string, { exact = false, not = false } = {}) => ({ text, exact, not })
const items = (q: string) => parseSearch(q).items

describe('words in a search', () => {
  test.each<[string, SearchQuery['items']]>([
    ['', []],
    ['   ', []],
    ['log in', [[term('log')], [term('in')]]],
    ['"log in" failed', [[term('log in', { exact: true })], [term('failed')]]],
    ['“log in”', [[term('log in', { exact: true })]]],
    ['"never closed', [[term('never closed', { exact: true })]]],
    ['""', []],
    ['-vpn', [[term('vpn', { not: true })]]],
    ['-"log in"', [[term('log in', { exact: true, not: true })]]],
    ['-', [[term('-')]]],
    ['--x', [[term('-x', { not: true })]]],
    ['vpn or wifi', [[term('vpn'), term('wifi')]]],
    ['a vpn OR wifi b', [[term('a')], [term('vpn'), term('wifi')], [term('b')]]],
    ['a or b or "c d"', [[term('a'), term('b'), term('c d', { exact: true })]]],
    ['or', [[term('or')]]],
    ['vpn or', [[term('vpn')], [term('or')]]],
    ['status:open or vpn', [{ key: 'status', values: ['open'], not: false }, [term('or')], [term('vpn')]]],
    ['vpn "or" wifi', [[term('vpn')], [term('or', { exact: true })], [term('wifi')]]],
    ['foo:bar http://x.test/a', [[term('foo:bar')], [term('http://x.test/a')]]],
    ['constructor:x __proto__:y', [[term('constructor:x')], [term('__proto__:y')]]],
    ['登录失败', [[term('登录失败')]]]
  ])('words of "%s" are parsed', (q, expected) => expect(items(q)).toEqual(expected))
})

describe('operators in a search', () => {
  test.each<[string, string, string[], boolean]>([
    ['status:open', 'status', ['open'], false],
    ['STATUS:Open', 'status', ['open'], false],
    ['status:in-progress', 'status', ['in_progress'], false],
    ['status:"In progress",waiting', 'status', ['in_progress', 'waiting'], false],
    ['-status:closed', 'status', ['closed'], true],
    ['sev:1,2', 'severity', ['1', '2'], false],
    ['severity:5', 'severity', ['5'], false],
    ['priority:urgent,urgent', 'priority', ['urgent'], false],
    ['assignee:"Ann Arbor"', 'assignee', ['Ann Arbor'], false],
    ['assignee:me', 'assignee', ['me'], false],
    ['requester:rita@x.test', 'requester', ['rita@x.test'], false],
    ['tag:VIP', 'tag', ['vip'], false],
    ['category:"Feature request"', 'category', ['Feature request'], false],
    ['is:overdue', 'is', ['overdue'], false],
    ['sla:Missed,met', 'sla', ['missed', 'met'], false],
    ['metric:first-response', 'metric', ['first_response'], false],
    ['ended:2026-06-01..2026-06-30', 'ended', ['2026-06-01..2026-06-30'], false],
    ['ended:2026-06-01', 'ended', ['2026-06-01'], false],
    ['-policy:"Gold plus"', 'policy', ['Gold plus'], true],
    ['agent:none', 'agent', ['none'], false],
    ['has:attachments', 'has', ['attachment'], false],
    ['before:2026-01-31', 'before', ['2026-01-31'], false],
    ['after:2024-02-29', 'after', ['2024-02-29'], false],
    ['author:"Дарья"', 'author', ['Дарья'], false]
  ])('the operator in "%s" is parsed', (q, key, values, not) => {
    expect(parseSearch(q)).toEqual({ items: [{ key, values, not }], issues: [], unfinished: [] })
  })

  test('operators can be mixed with words', () => {
    expect(items('vpn status:open "log in" -tag:vip')).toEqual([
      [term('vpn')],
      { key: 'status', values: ['open'], not: false },
      [term('log in', { exact: true })],
      { key: 'tag', values: ['vip'], not: true }
    ])
  })

  test.each(['status:', 'assignee:""', 'tag:,,'])('an operator without a value is no issue: %s', q =>
    expect(parseSearch(q)).toMatchObject({ items: [], issues: [] })
  )

  test.each<[string, string[]]>([
    ['vpn status:open "log in"', []],
    ['-severity:', ['“-severity:” has no value – use 1 to 5']],
    ['vpn SEV: tag:,,', ['“severity:” has no value – use 1 to 5', '“tag:” has no value – use a tag']],
    ['status:"', ['“status:” has no value – use open, in_progress, waiting, resolved or closed']],
    ['vpn "" foo:', ['There is nothing between the quotation marks']],
    ['status:opne', []]
  ])('operators without a value are listed as unfinished, apart from invalid ones: %s', (q, expected) =>
    expect(parseSearch(q).unfinished).toEqual(expected)
  )

  test.each([
    'status:opne',
    'severity:6',
    'severity:1.0',
    'priority:none',
    'is:red',
    'has:wings',
    'before:2026-02-30',
    'after:yesterday',
    'sla:late',
    'metric:speed',
    'ended:2026-06-02..2026-06-01',
    'ended:2026-06-31',
    'ended:2026-06-01..2026-06-02..2026-06-03',
    'ended:..2026-06-01',
    'before:0000-01-01',
    'before:2026-13-01'
  ])('an operator with an invalid value reports the valid ones: %s', q => {
    const { items, issues } = parseSearch(q)
    expect(items).toEqual([])
    expect(issues).toHaveLength(1)
    expect(issues[0]).toContain(searchOperators[q.split(':')[0] as keyof typeof searchOperators].expects)
  })
})

describe('parseSearch of any text', () => {
  const fragments = fc.constantFrom(
    '"',
    '“',
    '-',
    ':',
    ',',
    ' or ',
    ' ',
    'status',
    'status:',
    'sev:1',
    'is:open',
    '登',
    'é',
    '👩‍💻',
    '\0',
    '\ud800',
    '\\',
    "'",
    '&',
    '|',
    '!',
    '(',
    ')',
    ':*',
    '<->',
    '%',
    '_',
    '\n',
    '\u200f'
  )
  const typed = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(fc.oneof(fragments, fc.string({ maxLength: 5 })), { maxLength: 40 }).map(parts => parts.join(''))
  )

  test('parseSearch does not throw and yields no empty term', () =>
    fc.assert(
      fc.property(typed, q => {
        const query = parseSearch(q)
        for (const item of query.items) {
          expect(
            Array.isArray(item)
              ? item.every(({ text }) => text.trim() !== '') && item.length > 0
              : item.values.length > 0 && item.values.every(Boolean)
          ).toBe(true)
        }
        expect(positiveTerms(query).every(({ not }) => !not)).toBe(true)
      }),
      { numRuns: 2_000 }
    ))

  test('a parsed search round-trips through formatSearch', () =>
    fc.assert(
      fc.property(typed, q => {
        const { items } = parseSearch(q)
        expect(parseSearch(formatSearch({ items, issues: [], unfinished: [] }))).toMatchObject({ items, issues: [], unfinished: [] })
      }),
      { numRuns: 2_000 }
    ))

  test('parseSearch takes linear time', () => {
    const started = performance.now()
    for (const part of ['"', '-', 'status:', 'a,', 'status:"a",', '::', ' or ', 'x:"']) parseSearch(part.repeat(20_000))
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

test.each([
  ['12', 12],
  ['#12', 12],
  ['#012', 12],
  [' 007 ', 7],
  ['＃１２', 12],
  ['[#577]', 577],
  ['#577,', 577],
  ['ticket 577', 577],
  ['Ticket #0577:', 577],
  ['(#577)', 577],
  ['№ 577', 577],
  ['№577', 577],
  ['"577"', 577],
  ['«#577»', 577],
  ['„577“', 577],
  ['#577.', 577],
  ['577?', 577],
  ['**#577**', 577],
  ['no. 577', 577],
  ['Request #577', 577],
  ['тикет 577', 577],
  ['٥٧٧', 577],
  ['#۵۷۷', 577],
  ['５７７', 577],
  ['[５７７]', 577],
  ['# 577', 577],
  ['#577 VPN drops every hour', 577],
  ['#577 VPN drops http://desk.test/tickets?ticket=577', 577],
  ['[#577] VPN drops: again?', 577],
  ['Re: [#577] VPN drops', 577],
  ['Fwd: AW: [#0577] "VPN" -drops', 577],
  ['AW[2]: [#577] x', 577],
  ['回复：[#577] x', 577],
  ['Automatische Antwort: [#577] status: red', 577],
  ['[EXTERNAL] Re: [#577] x', 577],
  ['Re: VPN [#577]', 577],
  ['https://desk.test/tickets?ticket=577', 577],
  ['http://localhost:3000/tickets?status=open&ticket=577#reply-1', 577],
  ['/tickets?ticket=577', 577],
  ['tickets?ticket=0577', 577],
  ['https://desk.test/t/acme/577', 577],
  ['/t/acme/577', 577],
  ['<https://desk.test/t/acme/577>', 577],
  ['see https://desk.test/t/acme/577, please', 577],
  ['https://desk.test/t/acme/577?x=1', 577],
  ['0', undefined],
  ['1.0', undefined],
  ['12a', undefined],
  ['', undefined],
  ['9999999999', undefined],
  ['-577', undefined],
  ['577 588', undefined],
  ['$577', undefined],
  ['577%', undefined],
  ['v577', undefined],
  ['ticketing 577', undefined],
  ['https://desk.test/t/acme/577x', undefined],
  ['https://desk.test/x?ticketid=577', undefined],
  ['[#]', undefined],
  ['error 577', undefined],
  ['#12abc', undefined]
])('searchedNumber of %j is %s', (text, number) => {
  expect(searchedNumber(text)).toBe(number)
})

test.each(['Re: [#577] status: red', '[#577] "VPN', 'https://desk.test/tickets?ticket=577&q=status:red', 'Fwd: [#577] has: wings'])(
  'a pasted ticket reference is one term without operators and issues: %j',
  text => {
    expect(parseSearch(text)).toMatchObject({
      items: [[{ text, exact: false, not: false }]],
      issues: [],
      unfinished: [],
      reference: { number: 577, isPasted: true }
    })
  }
)

test.each<[string, string[]]>([
  ['C++', ['C++']],
  ['C#', ['C#']],
  ['.NET', ['.NET']],
  ['node.js', ['node.js']],
  ['24"', ['24"']],
  ['a/b', ['a/b']],
  ['(C++),', ['C++']],
  ['C++ and C#', ['C++', 'C#']],
  ['R&D', ['R&D']],
  ['１．５', ['1.5']],
  ['\\\\fs01\\x', ['\\\\fs01\\x']],
  ['log-in', []],
  ['vpn.', []],
  ['vpn?', []],
  ['"vpn"', []],
  ['(vpn)', []],
  ["it's", []],
  ['it’s', []],
  ['#vpn', []],
  ['@bob', []],
  ['100%', []],
  ['err_connection', []],
  ['a,b', []],
  ['++', []],
  ['🎉', []],
  ['', []]
])('literalsOf %j are %j', (text, literals) => expect(literalsOf(text)).toEqual(literals))

test('ticketReference and literalsOf take linear time', () => {
  const started = performance.now()
  for (const part of ['[#', 'Re: ', '"', 'ticket ', '0', '#0', 't/', 'tickets?', '& ', ' ', '.']) ticketReference(part.repeat(20_000))
  for (const part of ['"', '.', '-', '+', 'a.', '(']) literalsOf(part.repeat(20_000))
  expect(performance.now() - started).toBeLessThan(2_000)
})
