import { describe, expect, it } from 'vitest'
import { namesInWords, shorten } from '~/utils/app/text'

describe('a shortened text', () => {
  it('has so many characters, and says that there are more', () => {
    expect(shorten('a'.repeat(100), 100)).toBe('a'.repeat(100))
    expect(shorten('a'.repeat(101), 100)).toBe(`${'a'.repeat(100)}…`)
    expect(shorten('one two', 4)).toBe('one…')
  })

  it('cuts no character in two', () => {
    expect(shorten('😀😀😀', 2)).toBe('😀😀…')
  })
})

it('names are said as people say them, and of many the first two', () => {
  expect(
    [[], ['Ann'], ['Ann', 'Bob'], ['Ann', 'Bob', 'Vera'], ['Ann', 'Bob', 'Vera', 'Adam'], ['a', 'b', 'c', 'd', 'e']].map(namesInWords)
  ).toEqual(['', 'Ann', 'Ann and Bob', 'Ann, Bob and Vera', 'Ann, Bob and 2 others', 'a, b and 3 others'])
})
