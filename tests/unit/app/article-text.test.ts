import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  asShown,
  continueList,
  insertBlock,
  insertLink,
  keepLineBreaks,
  toggleCode,
  toggleLines,
  toggleMark,
  type TextEdit,
  type TextRange
} from '~/utils/article/article-text'

/** A text with its selection between brackets: "Hold [power]"; a cursor is "|". */
function parse(marked: string): { value: string; range: TextRange } {
  if (marked.includes('|')) return { value: marked.replace('|', ''), range: { start: marked.indexOf('|'), end: marked.indexOf('|') } }
  return { value: marked.replace(/[‹›]/g, ''), range: { start: marked.indexOf('‹'), end: marked.indexOf('›') - 1 } }
}

function show(value: string, { start, end, text, select }: TextEdit): string {
  const edited = value.slice(0, start) + text + value.slice(end)
  if (select.start === select.end) return `${edited.slice(0, select.start)}|${edited.slice(select.start)}`
  return `${edited.slice(0, select.start)}‹${edited.slice(select.start, select.end)}›${edited.slice(select.end)}`
}

function apply(marked: string, edit: (value: string, range: TextRange) => TextEdit | null): string | null {
  const { value, range } = parse(marked)
  const made = edit(value, range)
  return made && show(value, made)
}

describe('a mark', () => {
  test.each([
    ['Hold ‹power› now', 'Hold **‹power›** now'],
    ['Hold **‹power›** now', 'Hold ‹power› now'],
    ['Hold ‹**power**› now', 'Hold ‹power› now'],
    ['Hold ‹power ›now', 'Hold **‹power›** now'],
    ['Hold *‹power›*', 'Hold ***‹power›***'],
    ['Hold ***‹power›***', 'Hold *‹power›*'],
    ['Hold |', 'Hold **‹bold text›**']
  ])('is bold: %s', (before, after) => expect(apply(before, (value, range) => toggleMark(value, range, '**'))).toBe(after))

  test.each([
    ['Hold ‹power›', 'Hold *‹power›*'],
    ['Hold *‹power›*', 'Hold ‹power›'],
    ['Hold **‹power›**', 'Hold ***‹power›***'],
    ['Hold ***‹power›***', 'Hold **‹power›**']
  ])('is italic: %s', (before, after) => expect(apply(before, (value, range) => toggleMark(value, range, '*'))).toBe(after))

  test('is set and removed again without a trace', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z \n]{1,30}$/), fc.nat(30), fc.nat(30), (value, one, other) => {
        const [start, end] = [Math.min(one, other, value.length), Math.min(Math.max(one, other), value.length)]
        fc.pre(value.slice(start, end).trim() !== '')
        const set = toggleMark(value, { start, end }, '**')
        const marked = value.slice(0, set.start) + set.text + value.slice(set.end)
        const unset = toggleMark(marked, set.select, '**')
        expect(marked.slice(0, unset.start) + unset.text + marked.slice(unset.end)).toBe(value)
      })
    )
  })
})

describe('the beginning of lines', () => {
  test.each([
    ['heading', 'Install| it', '## Install| it'],
    ['heading', '## Install| it', 'Install| it'],
    ['subheading', '## Install| it', '### Install| it'],
    ['bullets', 'a\n‹b\nc›\nd', 'a\n‹- b\n- c›\nd'],
    ['bullets', '‹- b\n- c›', '‹b\nc›'],
    ['bullets', '‹1. b\n2. c›', '‹- b\n- c›'],
    ['numbers', '‹- b\n\n- c›', '‹1. b\n\n2. c›'],
    ['numbers', '|', '1. |'],
    ['quote', '‹b\nc›', '‹> b\n> c›'],
    ['quote', '‹> b\n> c›', '‹b\nc›'],
    ['bullets', '‹a\n›b', '‹- a›\nb']
  ] as const)('becomes %s: %j', (block, before, after) =>
    expect(apply(before, (value, range) => toggleLines(value, range, block))).toBe(after)
  )
})

test.each([
  ['run ‹npm ci›', 'run `‹npm ci›`'],
  ['a\n‹b\nc›\nd', 'a\n```\n‹b\nc›\n```\nd'],
  ['‹```\nb\n```›', '````\n‹```\nb\n```›\n````']
])('code: %j', (before, after) => expect(apply(before, toggleCode)).toBe(after))

test.each([
  ['see ‹the page›', 'see [the page](‹https://›)'],
  ['see ‹https://a.test/x›', 'see [‹text›](https://a.test/x)'],
  ['see |', 'see [text](‹https://›)'],
  ['‹a [b]›', '[a \\[b\\]](‹https://›)']
])('a link: %j', (before, after) => expect(apply(before, insertLink)).toBe(after))

test.each([
  ['|', '---|\n'],
  ['a|', 'a\n\n---|\n'],
  ['a\n|\nb', 'a\n\n---|\n\nb'],
  ['a\n\n|b', 'a\n\n---|\n\nb']
])('a block has empty lines around it: %j', (before, after) =>
  expect(apply(before, (value, range) => insertBlock(value, range, '---'))).toBe(after)
)

test.each([
  ['- a|', '- a\n- |'],
  ['  * a|\nb', '  * a\n  * |\nb'],
  ['9. a|', '9. a\n10. |'],
  ['- a\n- |', '- a\n\n|'],
  ['text|', null],
  ['- a|b', null],
  ['- ‹a›', null]
])('Enter continues a list: %j', (before, after) => expect(apply(before, continueList)).toBe(after))

describe('line breaks', () => {
  test('of a text that nobody edited stay as they are', () => {
    const stored = '| a |  \r\n| - |\r\n\r\n```\rcode\n```\r\n'
    expect(keepLineBreaks(stored, asShown(stored))).toBe(stored)
  })

  test.each([
    ['a\r\nb\r\n', 'a\nbx\n', 'a\r\nbx\r\n'],
    ['a\r\nb\r\n', 'xa\nb\n', 'xa\r\nb\r\n'],
    ['a\r\nb', 'a\nb\nc', 'a\r\nb\r\nc'],
    ['a\r\nb\nc\rd', 'a\nb\nd', 'a\r\nb\nd'],
    ['a\nb', 'a\nb\nc', 'a\nb\nc'],
    ['a\r\nb', '', '']
  ])('stay where nobody edited: %j', (stored, shown, next) => expect(keepLineBreaks(stored, shown)).toBe(next))

  test('stay before and after every edit', () => {
    const text = fc.array(fc.constantFrom('a', 'b', '\r\n', '\n', '\r', ' ')).map(parts => parts.join(''))
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), fc.constantFrom('', 'x', 'x\ny'), (stored, from, length, inserted) => {
        const shown = asShown(stored)
        const start = Math.min(from, shown.length)
        const edited = shown.slice(0, start) + inserted + shown.slice(Math.min(start + (length % 4), shown.length))
        expect(asShown(keepLineBreaks(stored, edited))).toBe(edited)
      })
    )
  })
})
