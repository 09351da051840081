import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSlashTyped, slashQueryAt } from '~/utils/slash-query'

/** The query at the bar in `text`, which is the cursor. */
function at(text: string): string | undefined {
  const cursor = text.indexOf('|')
  const found = slashQueryAt(text.replace('|', ''), cursor)
  if (found) expect(text.slice(found.start, cursor)).toBe(`/${found.query}`)
  return found?.query
}

describe('a slash that asks for a canned response', () => {
  it('stands at the beginning, or after whitespace', () => {
    expect(at('/|')).toBe('')
    expect(at('/ref|')).toBe('ref')
    expect(at('Hello /|')).toBe('')
    expect(at('Hello\n/pass|')).toBe('pass')
    expect(at('Hello\t/pass|')).toBe('pass')
    expect(at('Before /ref| and after')).toBe('ref')
  })

  it('takes several words', () => {
    expect(at('/order is late|')).toBe('order is late')
    expect(at('/order |')).toBe('order ')
  })

  it('is none inside a word, an address or a path', () => {
    for (const text of ['and/or|', 'https:/|', 'https://|', 'https://a.test/x|', '//|', '/etc/|', '/etc/hosts|', '~/|', './|', '1/2|', '(/|']) expect(at(text), text).toBeUndefined()
  })

  it('ends with its line, with a space right after it, and before the slash', () => {
    for (const text of ['/ref\n|', '/ |', 'yes / no|', '|/ref', 'Hello| /ref', '|', 'Hello|', `/${'x'.repeat(61)}|`]) expect(at(text), text).toBeUndefined()
  })

  it('is the "/query" right before the cursor, whatever stands around it', () => {
    fc.assert(fc.property(fc.string(), fc.nat(), (text, place) => {
      const cursor = Math.min(place, text.length)
      const found = slashQueryAt(text, cursor)
      return found === null || text.slice(found.start, cursor) === `/${found.query}`
    }))
  })
})

describe('asking for it', () => {
  it('is typing the slash, not pasting one nor composing characters', () => {
    expect(isSlashTyped({ inputType: 'insertText', data: '/', isComposing: false })).toBe(true)
    expect(isSlashTyped({ inputType: 'insertFromPaste', data: '/', isComposing: false })).toBe(false)
    expect(isSlashTyped({ inputType: 'insertText', data: 'a', isComposing: false })).toBe(false)
    expect(isSlashTyped({ inputType: 'insertCompositionText', data: '/', isComposing: true })).toBe(false)
    expect(isSlashTyped({ inputType: 'deleteContentBackward', data: null, isComposing: false })).toBe(false)
  })
})
