import { expect, test } from 'vitest'
import { plural } from '#shared/utils/plural'

test.each([
  [0, '0 tickets move'],
  [1, '1 ticket moves'],
  [12_345, '12,345 tickets move']
])('plural of %d is "%s"', (count, sentence) => {
  expect(plural(count, '1 ticket moves', '# tickets move')).toBe(sentence)
})
