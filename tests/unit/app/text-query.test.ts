import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textQueryAt, typedTrigger, type TextTrigger } from '~/utils/app/text-query'

/** The query at the bar in `text`, which is the cursor. */
function at(text: string, trigger: TextTrigger = '/'): string | undefined {
  const cursor = text.indexOf('|')
  const found = textQueryAt(text.replace('|', ''), cursor, trigger)
  if (found) expect(text.slice(found.start, cursor)).toBe(trigger + found.query)
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
    for (const text of [
      'and/or|',
      'https:/|',
      'https://|',
      'https://a.test/x|',
      '//|',
      '/etc/|',
      '/etc/hosts|',
      '~/|',
      './|',
      '1/2|',
      '(/|'
    ])
      expect(at(text), text).toBeUndefined()
  })

  it('ends with its line, with a space right after it, and before the slash', () => {
    for (const text of ['/ref\n|', '/ |', 'yes / no|', '|/ref', 'Hello| /ref', '|', 'Hello|', `/${'x'.repeat(61)}|`])
      expect(at(text), text).toBeUndefined()
  })
})

describe('an at sign that asks for a member', () => {
  it('stands at the beginning, after whitespace and after signs that open', () => {
    for (const text of ['@bo|', 'Hello @bo|', 'Hello\n@bo|', '(@bo|', '"@bo|', '**@bo|', '_@bo|', '> @bo|', '/ @bo|', 'cc:@bo|', '、@bo|'])
      expect(at(text, '@'), text).toBe('bo')
    expect(at('@|', '@')).toBe('')
    expect(at('@李|', '@')).toBe('李')
  })

  it('takes several words', () => {
    expect(at('@Bob Ta|', '@')).toBe('Bob Ta')
  })

  it('is none inside a word, an address or a path, after a backslash or another one', () => {
    for (const text of [
      'bob@a|',
      'bob@a.test|',
      'é@a|',
      'https://a.test/@bo|',
      '?by=@bo|',
      '\\@bo|',
      '@@|',
      '@ bo|',
      '@\nbo|',
      `@${'x'.repeat(61)}|`
    ])
      expect(at(text, '@'), text).toBeUndefined()
  })

  it('leaves the slash alone, and the slash it', () => {
    expect(at('/a @bo|', '@')).toBe('bo')
    expect(at('@a /bo|')).toBe('bo')
    expect(at('/a@b|', '@')).toBeUndefined()
  })
})

describe('either', () => {
  it('is the query right before the cursor, whatever stands around it', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.constantFrom<TextTrigger>('/', '@'), (text, place, trigger) => {
        const cursor = Math.min(place, text.length)
        const found = textQueryAt(text, cursor, trigger)
        return found === null || text.slice(found.start, cursor) === trigger + found.query
      })
    )
  })

  it('is looked for in no time', () => {
    for (const part of ['@', '/', ' @a', ' /a', 'a', ' ']) {
      const text = part.repeat(50_000 / part.length)
      const started = process.threadCpuUsage()
      for (const trigger of ['/', '@'] as const) textQueryAt(text, text.length, trigger)
      expect(process.threadCpuUsage(started).user, part).toBeLessThan(50_000)
    }
  })
})

describe('asking for it', () => {
  it('is typing the sign, not pasting one nor composing characters', () => {
    for (const sign of ['/', '@'] as const) {
      expect(typedTrigger({ inputType: 'insertText', data: sign, isComposing: false })).toBe(sign)
      expect(typedTrigger({ inputType: 'insertFromPaste', data: sign, isComposing: false })).toBeNull()
      expect(typedTrigger({ inputType: 'insertCompositionText', data: sign, isComposing: true })).toBeNull()
    }
    expect(typedTrigger({ inputType: 'insertText', data: 'a', isComposing: false })).toBeNull()
    expect(typedTrigger({ inputType: 'deleteContentBackward', data: null, isComposing: false })).toBeNull()
  })
})
