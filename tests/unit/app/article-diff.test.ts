import { describe, expect, test } from 'vitest'
import { compareLines, mergeTexts, type DiffLine } from '~/utils/article/article-diff'

function show(line: DiffLine): string {
  if (line.kind === 'skipped') return `(${line.count})`
  const text = line.parts.map(({ text, isChanged }) => (isChanged ? `[${text}]` : text)).join('')
  return { same: ' ', removed: '-', added: '+' }[line.kind] + text
}

describe('comparing texts', () => {
  test('shows which words of a line changed, and leaves long unchanged parts out', () => {
    const before = ['Hold the power button.', ...'abcdefgh', 'End'].join('\n')
    const after = ['Hold the reset button.', ...'abcdefgh', 'New', 'End'].join('\n')
    expect(compareLines(before, after).map(show)).toEqual([
      '-Hold the [power] button.',
      '+Hold the [reset] button.',
      ' a',
      ' b',
      '(4)',
      ' g',
      ' h',
      '+New',
      ' End'
    ])
  })

  test('ignores how lines end, and shows an empty line', () => {
    expect(compareLines('a\r\nb\r\n', 'a\nb\n').map(show)).toEqual([' a', ' b'])
    expect(compareLines('a\n', 'a\n\nb\n').map(show)).toEqual([' a', '+', '+b'])
    expect(compareLines('', 'a').map(show)).toEqual(['+a'])
    expect(compareLines('a', 'a').map(show)).toEqual([' a'])
  })

  test('ends soon for two long texts without a common line', () => {
    const lines = (prefix: string) => Array.from({ length: 20_000 }, (_, index) => `${prefix}${index}`).join('\n')
    const began = performance.now()
    const shown = compareLines(lines('a'), lines('b'))
    expect(performance.now() - began).toBeLessThan(5_000)
    expect(shown.filter(({ kind }) => kind === 'added')).toHaveLength(20_000)
  })
})

describe('merging two edits of a text', () => {
  const base = 'one\ntwo\nthree\nfour\n'

  test('takes changes of different lines from both', () => {
    expect(mergeTexts(base, 'ONE\ntwo\nthree\nfour\n', 'one\ntwo\nthree\nFOUR\nfive\n')).toEqual({
      text: 'ONE\ntwo\nthree\nFOUR\nfive\n',
      overlaps: 0
    })
    expect(mergeTexts(base, base, 'other').text).toBe('other')
    expect(mergeTexts(base, 'other', base).text).toBe('other')
    expect(mergeTexts(base, 'one\nfour\n', base).text).toBe('one\nfour\n')
  })

  test('takes the same change once', () => {
    expect(mergeTexts(base, 'one\n2\nthree\nfour\n', 'one\n2\nthree\nfour\n')).toEqual({ text: 'one\n2\nthree\nfour\n', overlaps: 0 })
  })

  test('keeps both where both changed the same lines', () => {
    expect(mergeTexts(base, 'one\nmine\nthree\nfour\n', 'one\ntheirs\nthree\nfour\n')).toEqual({
      text: 'one\ntheirs\nmine\nthree\nfour\n',
      overlaps: 1
    })
    expect(mergeTexts('', 'mine', 'theirs')).toEqual({ text: 'theirs\nmine', overlaps: 1 })
    expect(mergeTexts('a', 'a\nmine', 'a\ntheirs')).toEqual({ text: 'a\ntheirs\nmine', overlaps: 1 })
  })

  test('keeps line breaks as they are', () => {
    expect(mergeTexts('a\r\nb\r\nc\r\n', 'x\r\nb\r\nc\r\n', 'a\r\nb\r\ny\r\n').text).toBe('x\r\nb\r\ny\r\n')
  })
})
