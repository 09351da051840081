import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { textPieces, type TextPiece } from '#shared/utils/plain-text'
import { plainTexts } from '../../support/texts'

const bob = { id: 'cccccccc-0000-4000-8000-000000000002', full_name: 'Bob Tanaka' }
const token = `<@${bob.id}>`
const stranger = '<@cccccccc-0000-4000-8000-000000000099>'

const shown = (pieces: TextPiece[]) => pieces.map(piece => (piece.kind === 'break' ? '' : piece.text)).join('')
const links = (text: string) => textPieces(text).flatMap(piece => (piece.kind === 'link' ? [[piece.text, piece.href]] : []))
const link = (address: string) => [address, address]

describe('textPieces of a plain text', () => {
  test.each(plainTexts)('keeps every character of %j', text => {
    expect(shown(textPieces(text))).toBe(text)
    expect(shown(textPieces(text, [bob]))).toBe(text)
  })

  test('keeps every character of any text', () => {
    const parts = fc.constantFrom(
      'http://',
      'https://a.test',
      'mailto:',
      '@',
      'a@b.test',
      '.',
      ',',
      '(',
      ')',
      '[',
      ']',
      '\\',
      '*',
      '_',
      '\r',
      '\n',
      '\t',
      ' ',
      '\u2028',
      'x',
      '漢',
      '<',
      '>',
      token,
      stranger
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(parts).map(parts => parts.join(''))
        ),
        text => shown(textPieces(text)) === text
      ),
      { numRuns: 5_000 }
    )
  })

  test('adds line breaks for separators that browsers do not break at', () => {
    const lines = (text: string) =>
      textPieces(text)
        .map(piece => (piece.kind === 'break' ? '⏎' : piece.text))
        .join('')
    expect(lines('old\rMac')).toBe('old\r⏎Mac')
    expect(lines('Windows\r\nand Unix\n')).toBe('Windows\r\nand Unix\n')
    expect(lines('a\vb\fc\u0085d\u2028e\u2029')).toBe('a\v⏎b\f⏎c\u0085⏎d\u2028⏎e\u2029⏎')
  })

  it.each([
    ['see https://a.test/path_(x)?q=1&r=2#f, or http://b.test.', [link('https://a.test/path_(x)?q=1&r=2#f'), link('http://b.test')]],
    ['(https://a.test/x) [http://b.test/y] <https://c.test>', [link('https://a.test/x'), link('http://b.test/y'), link('https://c.test')]],
    ['"https://a.test" „https://b.test“ «https://c.test»', [link('https://a.test'), link('https://b.test'), link('https://c.test')]],
    ['请访问https://a.test/login。谢谢', [link('https://a.test/login')]],
    ['HTTPS://A.TEST/ and https://a.test!?', [link('HTTPS://A.TEST/'), link('https://a.test')]],
    [
      'ann@acme.test, or mailto:bob@acme.test. (a.b+c@x-y.acme.test)',
      [['ann@acme.test', 'mailto:ann@acme.test'], link('mailto:bob@acme.test'), ['a.b+c@x-y.acme.test', 'mailto:a.b+c@x-y.acme.test']]
    ],
    ['*https://a.test/* `https://b.test`', [link('https://a.test/'), link('https://b.test')]],
    ['https://user@a.test/x', [link('https://user@a.test/x')]]
  ])('finds the links of %j', (text, found) => {
    expect(links(text)).toEqual(found)
  })

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'ftp://a.test',
    'http://',
    'xhttp://a.test',
    'www.a.test',
    'README.md',
    'a@b',
    '@Bob',
    'a@1.2',
    '@.test',
    'http:// a.test',
    'https://%',
    '//a.test'
  ])('makes no link of %j', text => {
    expect(links(text)).toEqual([])
  })

  test('shows mentions by name, and leaves tokens as text when no people are given', () => {
    expect(textPieces(`Ask ${token}, not ${stranger}.`, [bob])).toEqual([
      { kind: 'text', text: 'Ask ' },
      { kind: 'mention', text: '@Bob Tanaka', id: bob.id },
      { kind: 'text', text: ', not ' },
      { kind: 'text', text: '@former member' },
      { kind: 'text', text: '.' }
    ])
    expect(textPieces(token)).toEqual([{ kind: 'text', text: token }])
  })
})

describe('textPieces of a long text', () => {
  const people = Array.from({ length: 1000 }, (_, number) => ({
    id: `cccccccc-0000-4000-8000-${String(number).padStart(12, '0')}`,
    full_name: `Member ${number}`
  }))

  it.each([
    '@',
    'a@',
    'http://',
    'http://%',
    'https://a.test/(',
    'https://a.test/)',
    'https://a.test ',
    'a@b.test ',
    `${token} `,
    '\r',
    '.',
    'mailto:',
    'x',
    'a.',
    'a-'
  ])('textPieces of 50,000 characters of %j takes less than 200 ms', part => {
    const text = part.repeat(Math.ceil(50_000 / part.length))
    textPieces('x', people)
    const started = process.threadCpuUsage()
    expect(textPieces(text, people).length).toBeGreaterThan(0)
    expect(process.threadCpuUsage(started).user).toBeLessThan(200_000)
  })
})
