import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Recent } from '#server/utils/recent'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('Recent keeps a value for its lifetime', () => {
  const recent = new Recent<string>(10)
  recent.set('a', 'first', 1_000)
  vi.advanceTimersByTime(999)
  expect(recent.get('a')).toBe('first')
  vi.advanceTimersByTime(1)
  expect(recent.get('a')).toBeUndefined()
})

test('Recent evicts the oldest entry when it is full', () => {
  const recent = new Recent<number>(3)
  for (const [key, value] of [
    ['a', 1],
    ['b', 2],
    ['c', 3],
    ['a', 4],
    ['d', 5]
  ] as const)
    recent.set(key, value, 1_000)
  expect(['a', 'b', 'c', 'd'].map(key => recent.get(key))).toEqual([4, undefined, 3, 5])
  recent.delete('c')
  expect(recent.get('c')).toBeUndefined()
})
