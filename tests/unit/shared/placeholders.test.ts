import fc from 'fast-check'
import { ELEMENT_NODE, parse, TEXT_NODE, walkSync } from 'ultrahtml'
import { describe, expect, it } from 'vitest'
import { renderMarkdown } from '#shared/utils/markdown'
import { fillPlaceholders, findPlaceholders, placeholderNames, type PlaceholderValues } from '#shared/utils/placeholders'

const values: PlaceholderValues = {
  'requester.name': 'Kim Jensen',
  'ticket.number': '#001',
  'ticket.subject': 'The printer is on fire',
  'agent.name': 'Ann Archer',
  'team.name': 'Acme'
}

/** The visible text of Markdown, and its elements other than paragraphs. */
function read(source: string): { text: string; elements: string[] } {
  const seen = { text: '', elements: [] as string[] }
  walkSync(parse(renderMarkdown(source)), node => {
    if (node.type === TEXT_NODE) seen.text += node.value
    if (node.type === ELEMENT_NODE && node.name !== 'p') seen.elements.push(node.name)
  })
  const unescaped = seen.text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
  return { text: unescaped.trim(), elements: seen.elements }
}

const name = (value: string | null) => fillPlaceholders('{{requester.name}}', { 'requester.name': value })

describe('placeholders of a canned response', () => {
  it('all placeholders are replaced, also repeated ones', () => {
    expect(
      fillPlaceholders(
        'Hi {{requester.name}}, about {{ticket.number}} “{{ticket.subject}}”: {{agent.name}} of {{team.name}} is on it. {{ticket.number}}!',
        values
      )
    ).toBe('Hi Kim Jensen, about #001 “The printer is on fire”: Ann Archer of Acme is on it. #001!')
  })

  it('a placeholder can contain spaces around name and fallback', () => {
    expect(fillPlaceholders('{{ requester.name }} {{requester.name | there}} {{\trequester.name|there }}', values)).toBe(
      'Kim Jensen Kim Jensen Kim Jensen'
    )
  })

  it('a placeholder uses its fallback when the value is missing or blank, also an empty fallback', () => {
    for (const value of [null, undefined, '', '  ', '\u202E']) {
      expect(fillPlaceholders('Hi {{requester.name|there}}', { 'requester.name': value })).toBe('Hi there')
      expect(fillPlaceholders('Hi{{requester.name|}}!', { 'requester.name': value })).toBe('Hi!')
    }
  })

  it('a placeholder stays as written without value and fallback, and when its name is unknown', () => {
    expect(fillPlaceholders('{{requester.name}} {{ requester.phone }} {{requester.phone|none}} {{REQUESTER.NAME}}', {})).toBe(
      '{{requester.name}} {{ requester.phone }} {{requester.phone|none}} {{REQUESTER.NAME}}'
    )
  })

  it('no other template syntax is evaluated, and no inherited property is read', () => {
    for (const text of [
      '{{constructor}}',
      '{{__proto__}}',
      '{{toString|x}}',
      "{{constructor.constructor('alert(1)')()}}",
      '{{7*7}}',
      '#{7*7}',
      '${7*7}',
      '<%= 7*7 %>',
      '{{{7}}}',
      '{requester.name}',
      '{{requester.name}',
      '{{requester\n.name}}',
      '{{}}',
      '{{ }}',
      '{{|x}}'
    ]) {
      expect(fillPlaceholders(text, values), text).toBe(text)
    }
    const polluted = Object.create({ 'requester.name': 'inherited' }) as PlaceholderValues
    expect(fillPlaceholders('{{requester.name|nobody}}', polluted)).toBe('nobody')
  })

  it('a placeholder inside of a value is not replaced', () => {
    expect(findPlaceholders(name('{{agent.name}}'))).toEqual([])
    expect(read(name('{{agent.name}}')).text).toBe('{{agent.name}}')
    expect(fillPlaceholders('{{requester.name}}', { 'requester.name': '$& $1 $`' })).toBe('$& $1 $\\`')
  })

  it('ordinary values are inserted unchanged', () => {
    for (const ordinary of [
      'Kim O’Neil-Smith',
      'Dr. J. R. Smith (Sales), 2nd floor',
      "O'Hara & Sons",
      'snake_case_user',
      'Ωmega Ünlü',
      '李小龍',
      'محمد',
      'kim@customer.test',
      '#001',
      '50% off! Really?'
    ])
      expect(name(ordinary)).toBe(ordinary)
  })

  it('Markdown in values is escaped, also at the beginning of a line', () => {
    const texts = [
      '**bold** _it_ ~~no~~ `code`',
      '[x](https://evil.test)',
      '[x]',
      '![x](https://evil.test/a.png)',
      '<b>x</b>',
      '<https://evil.test>',
      'https://evil.test',
      'HTTPS://evil.test/a?b=c',
      '//evil.test',
      '# Title',
      '#',
      '###### x',
      '- item',
      '+ item',
      '-',
      '---',
      '===',
      '> quote',
      '1. one',
      '2) two',
      '| a | b |',
      '&lt;script&gt;',
      '&#60;',
      '&',
      'C:\\temp\\new',
      '```js',
      '~~~',
      '_',
      '* * *',
      '[x]: https://evil.test'
    ]
    for (const text of texts) {
      expect(read(name(text)), text).toEqual({ text, elements: [] })
      expect(read(`Hi ${name(text)}, hello`).text, text).toBe(`Hi ${text}, hello`)
      expect(read(`Hi ${name(text)}, hello`).elements, text).toEqual([])
    }
  })

  it('a value of several lines is reduced to one line', () => {
    expect(name(' Kim\r\n\r\n# Jensen\u2028\u0007x ')).toBe('Kim # Jensen x')
  })

  it('50,000 characters of broken syntax are processed in less than 500 ms', () => {
    const started = performance.now()
    for (const text of [
      '{'.repeat(50_000),
      '{{'.padEnd(50_000, 'a'),
      '{{'.padEnd(50_000, ' '),
      '{{a|'.padEnd(50_000, 'b'),
      '{{a'.repeat(15_000),
      '{{a}'.repeat(12_000)
    ]) {
      expect(fillPlaceholders(text, values)).toBe(text)
      expect(findPlaceholders(text)).toEqual([])
    }
    expect(performance.now() - started).toBeLessThan(500)
  })
})

describe('findPlaceholders', () => {
  it('findPlaceholders lists each placeholder with its position, and whether it is known', () => {
    expect(findPlaceholders('Hi {{ requester.name|there }}, {{ticket.id}} {{ticket.id}}')).toEqual([
      { source: '{{ requester.name|there }}', name: 'requester.name', isKnown: true, start: 3 },
      { source: '{{ticket.id}}', name: 'ticket.id', isKnown: false, start: 31 },
      { source: '{{ticket.id}}', name: 'ticket.id', isKnown: false, start: 45 }
    ])
  })
})

describe('placeholders in any text', () => {
  const awkward = fc.string({ unit: fc.constantFrom(...'{}|[]()<>*_~`#-+=!&;:/\\.1 ab\n'), maxLength: 40 })
  const anything = fc.oneof(fc.string({ unit: 'grapheme' }), awkward)
  const written = fc
    .array(
      fc.oneof(
        anything,
        fc.constantFrom(...placeholderNames).map(known => `{{${known}}}`),
        fc.constantFrom(...placeholderNames).map(known => `{{ ${known} | x }}`)
      )
    )
    .map(parts => parts.join(''))

  it('a value never becomes a placeholder or markup', () => {
    fc.assert(
      fc.property(anything, value => {
        const filled = name(value)
        if (filled === '{{requester.name}}') return
        expect(findPlaceholders(filled)).toEqual([])
        expect(read(filled).elements.filter(element => element !== 'a')).toEqual([])
        for (const character of value.replace(/[^\p{L}\p{N}]/gu, '')) expect(read(filled).text).toContain(character)
      }),
      { numRuns: 1_000 }
    )
  })

  it('placeholders are filled in one pass: filling the result again fills nothing', () => {
    fc.assert(
      fc.property(
        written,
        anything.filter(value => name(value) !== '{{requester.name}}'),
        (text, value) => {
          const filled = fillPlaceholders(text, Object.fromEntries(placeholderNames.map(known => [known, value])))
          expect(fillPlaceholders(filled, values)).toBe(fillPlaceholders(filled, {}))
        }
      ),
      { numRuns: 1_000 }
    )
  })

  it('a text without placeholders stays unchanged', () => {
    fc.assert(
      fc.property(
        anything.filter(text => findPlaceholders(text).length === 0),
        text => fillPlaceholders(text, values) === text
      )
    )
  })

  it('every placeholder is at the position that findPlaceholders answers', () => {
    fc.assert(fc.property(written, text => findPlaceholders(text).every(({ source, start }) => text.startsWith(source, start))))
  })
})
