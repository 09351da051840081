import { describe, expect, test } from 'vitest'
import type { Mention } from '#shared/types/api'
import { email, line, timestamp, prose } from '#shared/schemas/text'
import { markdownText, renderMarkdown } from '#shared/utils/markdown'
import { decodeMentions, encodeMentions, mentionsAsText } from '#shared/utils/mentions'
import { fillPlaceholders, findPlaceholders } from '#shared/utils/placeholders'
import { formatSearch, parseSearch } from '#shared/utils/search-query'
import { fromMarkup, toMarkup } from '#shared/utils/snippet'
import { oneLine } from '#server/domain/mail/header'
import { renderBlock } from '#server/domain/mail/letter'
import { escapeFormula } from '#server/utils/csv'
import { measureGrowth } from '../../support/growth'

const people: Mention[] = Array.from({ length: 200 }, (_, at) => ({
  id: `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
  full_name: 'a'.repeat(at + 1)
}))
const token = `<@${people[0]!.id}>`

/** The functions that read user-written text, on the event loop of the server or in the browser. */
const readers: Record<string, (text: string) => unknown> = {
  'rendering markdown': text => renderMarkdown(text, { people }),
  'markdown as plain text': text => markdownText(text),
  'encoding mentions': text => encodeMentions(text, people),
  'decoding mentions': text => decodeMentions(text, people),
  'showing mentions as text': text => mentionsAsText(text, people),
  'finding placeholders': text => findPlaceholders(text),
  'filling placeholders': text => fillPlaceholders('{{requester.name}}', { 'requester.name': text }),
  'parsing a search': text => formatSearch(parseSearch(text)),
  'highlight markup': text => fromMarkup(toMarkup([{ text, marked: true }])),
  'validating a line': text => line(255).safeParse(text),
  'validating prose': text => prose(50_000).safeParse(text),
  'validating an e-mail address': text => email.safeParse(text),
  'validating a time': text => timestamp.safeParse(text),
  'cleaning a mail header': text => oneLine(text),
  'rendering a message in a mail': text => renderBlock({ kind: 'message', author: 'Ann', source: text, format: 'markdown', people }, 0),
  'escaping a CSV cell': text => escapeFormula(text)
}

// Seeds that make a parser look far ahead, backtrack or nest.
const hostile = [
  '[',
  '![',
  '](',
  '[a](b',
  '[a]: <',
  '[^a]',
  '*a **b ',
  '**a*b_c ',
  '_a*',
  '`',
  '``a`',
  '\\`',
  '<a ',
  '<http://',
  '<!--',
  '&#',
  '> ',
  ' > - ',
  '- a\n',
  '1. ',
  '# a\n',
  'a\n=\n',
  '|a',
  'a|b\n-|-\n',
  '```\n',
  '~~~',
  'http://a&',
  'https://a.b/((((',
  'mailto:a@b',
  '@',
  '@aaaa',
  token,
  '<@',
  '{{a|',
  '{{',
  '"',
  'x:"',
  'status:"a',
  'a:',
  '-"',
  ',',
  '\u200b',
  '\u202e',
  ' ',
  '\n',
  '\r',
  '\t',
  '<mark>',
  '0',
  'a.',
  'a@',
  '登',
  'e\u0301'
]

describe.each(Object.entries(readers))('%s', (_, read) => {
  test.each(hostile)('its time grows linearly for a repeated %j', seed => {
    expect(measureGrowth(size => read(`a ${seed.repeat(size / seed.length)}!`), { size: 1_500 })).toBeLessThan(32)
  })

  test('its time grows linearly for hosts of many different letters', () => {
    const letters = (size: number) => String.fromCodePoint(...Array.from({ length: size }, (_, at) => 0x4e00 + at))
    for (const start of ['http://', '<http://', '[a](http://', 'mailto:a@', 'a@'])
      expect(
        measureGrowth(size => read(`${start}${letters(size)}`), { size: 1_500 }),
        start
      ).toBeLessThan(32)
  })

  test('its time grows linearly for nested brackets and marks', () => {
    for (const [open, close] of [
      ['[', ']'],
      ['> ', '\n'],
      ['*', '*'],
      ['**a', 'b**'],
      ['- ', '\n'],
      ['{{', '}}'],
      ['"', '"'],
      ['(', ')'],
      ['`', '``']
    ] as const) {
      expect(
        measureGrowth(size => read(open.repeat(size / 2 / open.length) + close.repeat(size / 2 / close.length)), { size: 1_500 }),
        `${open}…${close}`
      ).toBeLessThan(32)
    }
  })
})

describe('renderMarkdown shows text as plain when it is too complex', () => {
  test.each([
    ['lines', '- a\n'],
    ['lines of old Macs', '\r#'],
    ['lines of Windows', '# a\r\n'],
    ['addresses', 'http://a.b '],
    ['addresses of other kinds', 'MAILTO:a@b.test '],
    ['brackets', '[a]'],
    ['marks', '*a_'],
    ['cells', '|a'.concat('|b'.repeat(200), '\n|-', '|-'.repeat(200), '\n')]
  ])('text with too many %s is shown as plain text', (_, seed) => {
    expect(renderMarkdown(seed.repeat(49_000 / seed.length))).toMatch(/^<p dir="auto" data-plain>/)
  })

  test('a log of 2,000 lines and a list of 100 links are rendered as Markdown', () => {
    expect(renderMarkdown('2026-01-31 10:00:00 a:b\n'.repeat(2_000))).not.toContain('data-plain')
    expect(renderMarkdown('- https://example.test/page\n'.repeat(100))).not.toContain('data-plain')
  })
})
