import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeMentions, encodeMentions, mentionedIds, mentionLabels, mentionsAsText, resolveMentions } from '#shared/utils/mentions'

const id = (number: number) => `cccccccc-0000-4000-8000-${String(number).padStart(12, '0')}`
const person = (number: number, full_name: string) => ({ id: id(number), full_name })

const ann = person(1, 'Ann Arbor')
const bob = person(2, 'Bob')
const bobTanaka = person(3, 'Bob Tanaka')
const zoe = person(4, 'Zoë Éclair')
const li = person(5, '李小龍')
const sign = person(6, 'C++ (Team) $& *')
const people = [ann, bob, bobTanaka, zoe, li, sign]
const token = ({ id }: { id: string }) => `<@${id}>`

describe('encodeMentions', () => {
  it('replaces each name with a token, preferring the longest matching name', () => {
    expect(encodeMentions('@Ann Arbor and @Bob Tanaka, ask @Bob.', people)).toBe(
      `${token(ann)} and ${token(bobTanaka)}, ask ${token(bob)}.`
    )
  })

  it.each([
    ['(@Bob)', `(${token(bob)})`],
    ['**@Bob**', `**${token(bob)}**`],
    ['_@Bob Tanaka_: yes', `_${token(bobTanaka)}_: yes`],
    ['__@Bob__', `__${token(bob)}__`],
    ['请@Bob看一下', `请${token(bob)}看一下`],
    ['@李小龍看一下', `${token(li)}看一下`],
    ['確認を@Bobに', `確認を${token(bob)}に`],
    ['확인@Bob님', `확인${token(bob)}님`],
    ['cc:@Bob', `cc:${token(bob)}`],
    ["@Bob's", `${token(bob)}'s`],
    ['@Bob\n@Bob', `${token(bob)}\n${token(bob)}`],
    ['@Bob @Bob', `${token(bob)} ${token(bob)}`],
    ['@Zoë Éclair!', `${token(zoe)}!`],
    ['@李小龍、', `${token(li)}、`],
    ['@C++ (Team) $& *', token(sign)],
    ['"@Bob"', `"${token(bob)}"`],
    ['@Bob-side', `${token(bob)}-side`],
    ['@Bob Tanak', `${token(bob)} Tanak`]
  ])('finds the name in %j', (text, stored) => {
    expect(encodeMentions(text, people)).toBe(stored)
  })

  it.each([
    'ann@Bob',
    'bob@Bob.test',
    '@Bobby',
    '@Bob2',
    '@Bob_2',
    '@Bob@a.test',
    '@bob',
    '@ Bob',
    '@@Bob',
    'https://a.test/@Bob',
    'https://a.test/?by=@Bob',
    '\\@Bob',
    '@Bobé',
    '@Bo',
    '@',
    '',
    '@everyone',
    '@here',
    '@__proto__',
    '@constructor',
    '@toString',
    '@<img src=x onerror=alert(1)>',
    '`@Bob`',
    '``a ` @Bob``',
    '`a\n@Bob`',
    '```\n@Bob\n```',
    '```js\n@Bob',
    '~~~\n@Bob\n```\n@Bob\n~~~',
    '> ```\n> @Bob\n> ```',
    '- ```\n  @Bob\n  ```',
    '````\n```\n@Bob\n````',
    '> @Bob',
    '   > @Bob',
    '- > @Bob',
    '>@Bob',
    '> a\n> @Bob',
    '    @Bob',
    '\t@Bob',
    'a\n\n    @Bob',
    'a\n\n    b\n    @Bob',
    '- a\n\n      @Bob',
    '用户@Bob.test'
  ])('leaves %j unchanged', text => {
    expect(encodeMentions(text, people)).toBe(text)
  })

  it.each([
    ['`code` @Bob', `\`code\` ${token(bob)}`],
    ['`a @Bob', `\`a ${token(bob)}`],
    ['`a\n\n@Bob`', `\`a\n\n${token(bob)}\``],
    ['\\`@Bob\\`', `\\\`${token(bob)}\\\``],
    ['``@Bob`', `\`\`${token(bob)}\``],
    ['```\ncode\n```\n@Bob', `\`\`\`\ncode\n\`\`\`\n${token(bob)}`],
    ['a\n    @Bob', `a\n    ${token(bob)}`],
    ['- a\n\n    @Bob', `- a\n\n    ${token(bob)}`],
    ['1. a\n\n   @Bob', `1. a\n\n   ${token(bob)}`],
    ['> a\n\n@Bob', `> a\n\n${token(bob)}`],
    ['a > @Bob', `a > ${token(bob)}`],
    ['   @Bob', `   ${token(bob)}`],
    ['    code\n\n@Bob', `    code\n\n${token(bob)}`],
    ['``` @Bob ``` and @Bob', `\`\`\` @Bob \`\`\` and ${token(bob)}`],
    ['a ``` b\n@Bob', `a \`\`\` b\n${token(bob)}`]
  ])('finds the name after the end of code or a quote in %j', (text, stored) => {
    expect(encodeMentions(text, people)).toBe(stored)
  })

  it('keeps existing tokens', () => {
    expect(encodeMentions(`${token(ann)} ${token(person(99, 'x'))} @Bob`, people)).toBe(
      `${token(ann)} ${token(person(99, 'x'))} ${token(bob)}`
    )
  })
})

describe('resolveMentions', () => {
  const resolve = (text: string, format: 'text' | 'markdown' = 'text', of = people) => resolveMentions(text, format, of)
  const tanakas = [bobTanaka, person(7, 'Bob Byrd'), person(8, 'Zoe Eclair')]

  it.each([
    ['@Bob Tanaka and @bob', `${token(bobTanaka)} and ${token(bob)}`],
    ['@BOB TANAKA!', `${token(bobTanaka)}!`],
    ['@ann', token(ann)],
    ['@ann arbor', token(ann)],
    ['@Ann Arbour', `${token(ann)} Arbour`],
    ['@zoe eclair', token(zoe)],
    ['@Zoé', token(zoe)],
    ['@Zoe\u0308 E\u0301clair', token(zoe)],
    ['@ＢＯＢ', token(bob)],
    ['请@bob看一下', `请${token(bob)}看一下`],
    ['@李小龍看一下', `${token(li)}看一下`],
    ['@bob,@ann;(@zoe)', `${token(bob)},${token(ann)};(${token(zoe)})`],
    ['@bob\u00a0tanaka', token(bobTanaka)],
    ["@bob's", `${token(bob)}'s`],
    [`${token(ann)} @bob`, `${token(ann)} ${token(bob)}`]
  ])('finds the mentioned people in %j', (text, content) => {
    expect(resolve(text)).toEqual({ content, ambiguous: [] })
  })

  it.each([
    'bob@acme.test',
    'bob@bob.test',
    '@bobby',
    '@bob2',
    '@tanaka',
    '@everyone',
    '@here',
    '@ bob',
    '@',
    'x@bob',
    'https://a.test/@bob',
    '\\@bob',
    '@bob@mastodon.test',
    '> @bob',
    '  > @bob',
    '用户@bob.test',
    '@__proto__',
    '@constructor',
    '@b'
  ])('finds no mention in %j', text => {
    expect(resolve(text)).toEqual({ content: text, ambiguous: [] })
  })

  it('ignores mentions in code for Markdown, and finds them in plain text', () => {
    for (const text of ['`@bob`', '    @bob', '```\n@bob\n```', '~~~\n@bob', '- a\n\n      @bob']) {
      expect(resolve(text, 'markdown').content, text).toBe(text)
      expect(resolve(text, 'text').content, text).toBe(text.replace('@bob', token(bob)))
    }
  })

  it('reports ambiguous names with their candidates, and mentions none of them', () => {
    const candidates = [
      { id: id(7), full_name: 'Bob Byrd' },
      { id: bobTanaka.id, full_name: 'Bob Tanaka' }
    ]
    expect(resolve('@bob and @Bob, @bob; @bob byrd', 'text', tanakas)).toEqual({
      content: `@bob and @Bob, @bob; <@${id(7)}>`,
      ambiguous: [
        { text: '@bob', candidates },
        { text: '@Bob', candidates }
      ]
    })
    const namesakes = [person(1, 'Bob Byrd'), person(2, 'bob byrd')]
    expect(resolve('@Bob Byrd', 'text', namesakes)).toMatchObject({
      content: '@Bob Byrd',
      ambiguous: [{ text: '@Bob Byrd', candidates: [{ id: id(1) }, { id: id(2) }] }]
    })
    expect(resolve('@bob', 'text', [])).toEqual({ content: '@bob', ambiguous: [] })
  })

  it.each(['@', '@bob ', '@ann ', '@ann arbo', '> @bob\n', '    @bob\n', '`@bob` ', '请@bob', '- @bob\n', '@\u0301', '\n'])(
    'reads 50,000 characters of %j in less than 400 ms',
    part => {
      const crowd = Array.from({ length: 1000 }, (_, number) =>
        person(number, `${['Ann', 'Bob', 'Cleo'][number % 3]} ${'x'.repeat(number % 90)} ${number}`)
      )
      resolve('@x', 'text', crowd)
      const text = part.repeat(Math.ceil(50_000 / part.length)).slice(0, 50_000)
      const started = process.threadCpuUsage()
      resolve(text, 'markdown', crowd)
      resolve(text, 'text', crowd)
      expect(process.threadCpuUsage(started).user).toBeLessThan(400_000)
    }
  )
})

describe('mentions of people with the same name', () => {
  const namesakes = [person(9, 'Bob'), person(7, 'Bob'), person(8, 'Bob (2)'), person(6, 'Bob')]

  it('members with the same name get numbers that do not depend on the order of members', () => {
    expect(Object.fromEntries(mentionLabels(namesakes))).toEqual({
      [id(6)]: 'Bob',
      [id(7)]: 'Bob (3)',
      [id(8)]: 'Bob (2)',
      [id(9)]: 'Bob (4)'
    })
    expect(mentionLabels([...namesakes].reverse())).toEqual(mentionLabels(namesakes))
  })

  it('mentions of members with the same name survive decoding and encoding', () => {
    const stored = namesakes.map(token).join(', ')
    expect(decodeMentions(stored, namesakes)).toBe('@Bob (4), @Bob (3), @Bob (2), @Bob')
    expect(encodeMentions(decodeMentions(stored, namesakes), namesakes)).toBe(stored)
  })

  it('mentions as text show names without these numbers', () => {
    expect(mentionsAsText(namesakes.map(token).join(' '), namesakes)).toBe('@Bob @Bob @Bob (2) @Bob')
  })
})

describe('reading stored mentions', () => {
  it('shows names, and “former member” for people who left', () => {
    const stored = `${token(ann)}, ${token(sign)}: ${token(person(99, 'x'))}`
    expect(mentionsAsText(stored, people)).toBe('@Ann Arbor, @C++ (Team) $& *: @former member')
    expect(decodeMentions(stored, people)).toBe('@Ann Arbor, @C++ (Team) $& *: @former member')
  })

  it('recognises nothing but a token with a UUID', () => {
    for (const text of [
      '<@here>',
      '<@U024BE7LH>',
      `<@${id(1).toUpperCase()}x>`,
      `<@ ${id(1)}>`,
      `<!@${id(1)}>`,
      `@${id(1)}`,
      '<@__proto__>',
      '<@>'
    ]) {
      expect(mentionsAsText(text, people)).toBe(text)
      expect(mentionedIds(text)).toEqual([])
    }
  })

  it('mentionedIds lists each id once, in the order of the text', () => {
    expect(mentionedIds(`${token(zoe)} ${token(ann)} ${token(zoe)}`)).toEqual([zoe.id, ann.id])
  })
})

describe('encoding and decoding mentions', () => {
  // Texts made of names, parts of names, code and boundaries.
  const text = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          '@Ann Arbor',
          '@Bob',
          '@Bob Tanaka',
          '@Zoë Éclair',
          '@李小龍',
          '@C++ (Team) $& *',
          '@former member',
          '@',
          'Bob',
          ' ',
          ' ',
          '\n',
          '\n\n',
          '`',
          '``',
          '```',
          '\n```\n',
          '~~~\n',
          '\\',
          'x',
          '.',
          '<@',
          '>',
          '(',
          ')',
          '**',
          '/',
          '👩‍👧',
          '\ud83d'
        ),
        fc.string({ maxLength: 4 })
      ),
      { maxLength: 30 }
    )
    .map(parts => parts.join(''))
  const crowd = fc.uniqueArray(
    fc.record({
      id: fc.nat(30).map(id),
      full_name: fc.oneof(
        fc.constantFrom('Bob', 'Bob (2)', 'Ann', 'Ann Bob', '@Ann', '`', 'a@b', '<@', '( )'),
        fc.string({ minLength: 1, maxLength: 12 })
      )
    }),
    { selector: ({ id }) => id, maxLength: 12 }
  )

  it('shows any typed text unchanged after it was stored', () => {
    fc.assert(
      fc.property(text, text => decodeMentions(encodeMentions(text, people), people) === text),
      { numRuns: 2000 }
    )
  })

  it('shows typed text unchanged for any names of members', () => {
    fc.assert(
      fc.property(crowd, fc.array(fc.oneof(fc.nat(11), fc.constantFrom(' ', '\n', '.', '`', 'a'))), (crowd, parts) => {
        const labels = [...mentionLabels(crowd).values()]
        const text = parts.map(part => (typeof part === 'number' ? `@${labels[part] ?? 'x'}` : part)).join('')
        return decodeMentions(encodeMentions(text, crowd), crowd) === text
      }),
      { numRuns: 2000 }
    )
  })

  it('stores the same text again when nothing was changed', () => {
    fc.assert(
      fc.property(text, text => {
        const stored = encodeMentions(text, people)
        return encodeMentions(decodeMentions(stored, people), people) === stored
      })
    )
  })

  it('gives each member a unique label', () => {
    fc.assert(fc.property(crowd, crowd => new Set(mentionLabels(crowd).values()).size === crowd.length))
  })
})

describe('mentions in 50,000 characters with 1,000 members', () => {
  const thousand = Array.from({ length: 1000 }, (_, number) =>
    person(number, `${['Ann', 'Bob', 'Cleo', 'Dan'][number % 4]} ${'x'.repeat(number % 90)} ${number}`)
  )
  const name = `@${thousand[999]!.full_name}`

  it.each([
    ['of prose', 'The quick brown fox. '],
    ['of signs', '@'],
    ['of names', `${name} `],
    ['of almost names', `@Ann ${'x'.repeat(89)}y `],
    ['of everyone', '@everyone '],
    ['of backticks', '` @ `` '],
    ['of code', '`@Ann` '],
    ['of fences', '```\n@Ann\n'],
    ['of open fences', '~~~~ @\n'],
    ['of quotes', '> - - - @\n'],
    ['of backslashes', '\\`@'],
    ['of half tokens', '<@cccccccc-0000-'],
    ['of lines', '\n @'],
    ['of tokens', `${token(ann)} `],
    ['of spaces', ' \t']
  ])('a text %s is read in less than 100 ms', (_, part) => {
    const text = part.repeat(Math.ceil(50_000 / part.length)).slice(0, 50_000)
    encodeMentions('@', thousand)
    const started = process.threadCpuUsage()
    const stored = encodeMentions(text, thousand)
    decodeMentions(stored, thousand)
    mentionsAsText(stored, thousand)
    mentionedIds(stored)
    expect(process.threadCpuUsage(started).user).toBeLessThan(100_000)
  })

  it('a text of growing runs of backticks is encoded in less than 100 ms', () => {
    const text = Array.from({ length: 310 }, (_, length) => '`'.repeat(length + 1)).join(' @Ann ')
    const started = process.threadCpuUsage()
    encodeMentions(text, thousand)
    expect(process.threadCpuUsage(started).user).toBeLessThan(100_000)
  })
})
