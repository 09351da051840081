import { describe, expect, it } from 'vitest'
import { shortened } from '~/utils/text'

describe('a shortened text', () => {
  it('has so many characters, and says that there are more', () => {
    expect(shortened('a'.repeat(100), 100)).toBe('a'.repeat(100))
    expect(shortened('a'.repeat(101), 100)).toBe(`${'a'.repeat(100)}…`)
    expect(shortened('one two', 4)).toBe('one…')
  })

  it('cuts no character in two', () => {
    expect(shortened('😀😀😀', 2)).toBe('😀😀…')
  })
})
