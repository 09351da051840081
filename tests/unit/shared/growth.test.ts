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
import { growth } from '../../support/growth'

const people: Mention[] = Array.from({ length: 200 }, (_, at) => ({
  id: `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
  full_name: 'a'.repeat(at + 1)
}))
const token = `<@${people[0]!.id}>`

/** What people write is given to each of these, on the server's event loop or in the browser. */
const readers: Record<string, (text: string) => unknown> = {
  'markdown': text => renderMarkdown(text, { people }),
  'the text of markdown': text => markdownText(text),
  'mentions, written': text => encodeMentions(text, people),
  'mentions, edited': text => decodeMentions(text, people),
  'mentions as text': text => mentionsAsText(text, people),
  'placeholders': text => findPlaceholders(text),
  'values of placeholders': text => fillPlaceholders('{{requester.name}}', { 'requester.name': text }),
  'a search': text => formatSearch(parseSearch(text)),
  'marks': text => fromMarkup(toMarkup([{ text, marked: true }])),
  'a line': text => line(255).safeParse(text),
  'prose': text => prose(50_000).safeParse(text),
  'an address': text => email.safeParse(text),
  'a moment': text => timestamp.safeParse(text),
  'a header': text => oneLine(text),
  'a message in a mail': text => renderBlock({ kind: 'message', author: 'Ann', source: text, format: 'markdown', people }, 0),
  'a cell': text => escapeFormula(text)
}

// What parsers look far ahead or back for, and what they nest.
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

describe.each(Object.entries(readers))('the time of %s grows with the text, not with its square', (_, read) => {
  test.each(hostile)('%j', seed => {
    expect(growth(size => read(`a ${seed.repeat(size / seed.length)}!`), { size: 1_500 })).toBeLessThan(32)
  })

  test('with hosts of many different letters', () => {
    const letters = (size: number) => String.fromCodePoint(...Array.from({ length: size }, (_, at) => 0x4e00 + at))
    for (const start of ['http://', '<http://', '[a](http://', 'mailto:a@', 'a@'])
      expect(
        growth(size => read(`${start}${letters(size)}`), { size: 1_500 }),
        start
      ).toBeLessThan(32)
  })

  test('nested', () => {
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
        growth(size => read(open.repeat(size / 2 / open.length) + close.repeat(size / 2 / close.length)), { size: 1_500 }),
        `${open}…${close}`
      ).toBeLessThan(32)
    }
  })
})

describe('a text that costs more than anybody reads is shown as it was written', () => {
  test.each([
    ['lines', '- a\n'],
    ['lines of old Macs', '\r#'],
    ['lines of Windows', '# a\r\n'],
    ['addresses', 'http://a.b '],
    ['addresses of other kinds', 'MAILTO:a@b.test '],
    ['brackets', '[a]'],
    ['marks', '*a_'],
    ['cells', '|a'.concat('|b'.repeat(200), '\n|-', '|-'.repeat(200), '\n')]
  ])('%s', (_, seed) => {
    expect(renderMarkdown(seed.repeat(49_000 / seed.length))).toMatch(/^<p dir="auto" data-plain>/)
  })

  test('and what people do write is not: a log of two thousand lines with times, a list of a hundred links', () => {
    expect(renderMarkdown('2026-01-31 10:00:00 a:b\n'.repeat(2_000))).not.toContain('data-plain')
    expect(renderMarkdown('- https://example.test/page\n'.repeat(100))).not.toContain('data-plain')
  })
})
