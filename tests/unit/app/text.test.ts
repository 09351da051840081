import { describe, expect, it } from 'vitest'
import { namesInWords, shorten } from '~/utils/app/text'

describe('shorten', () => {
  it('shorten cuts a text at the limit and appends an ellipsis', () => {
    expect(shorten('a'.repeat(100), 100)).toBe('a'.repeat(100))
    expect(shorten('a'.repeat(101), 100)).toBe(`${'a'.repeat(100)}…`)
    expect(shorten('one two', 4)).toBe('one…')
  })

  it('shorten never splits a surrogate pair', () => {
    expect(shorten('😀😀😀', 2)).toBe('😀😀…')
  })
})

it('namesInWords joins up to three names, and counts the rest after two', () => {
  expect(
    [[], ['Ann'], ['Ann', 'Bob'], ['Ann', 'Bob', 'Vera'], ['Ann', 'Bob', 'Vera', 'Adam'], ['a', 'b', 'c', 'd', 'e']].map(namesInWords)
  ).toEqual(['', 'Ann', 'Ann and Bob', 'Ann, Bob and Vera', 'Ann, Bob and 2 others', 'a, b and 3 others'])
})
