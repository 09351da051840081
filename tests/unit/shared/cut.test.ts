import { expect, test } from 'vitest'
import { cutText } from '#shared/utils/cut'

test.each([
  ['short', 10, ['short']],
  ['x'.repeat(25), 10, ['x'.repeat(10), 'x'.repeat(10), 'x'.repeat(5)]],
  ['one two\nthree four', 10, ['one two\n', 'three four']],
  ['a bbbbbbbbbbbbbbb', 10, ['a bbbbbbbb', 'bbbbbbb']],
  ['🎫'.repeat(10), 10, ['🎫'.repeat(10)]],
  ['🎫'.repeat(12), 10, ['🎫'.repeat(10), '🎫🎫']]
])('cutText cuts %j into parts of at most %i characters', (text, max, parts) => {
  expect(cutText(text, max)).toEqual(parts)
})
