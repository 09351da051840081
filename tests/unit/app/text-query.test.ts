import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textQueryAt, typedTrigger, type TextTrigger } from '~/utils/app/text-query'

/** The query at the cursor, which is "|" in `text`. */
function at(text: string, trigger: TextTrigger = '/'): string | undefined {
  const cursor = text.indexOf('|')
  const found = textQueryAt(text.replace('|', ''), cursor, trigger)
  if (found) expect(text.slice(found.start, cursor)).toBe(trigger + found.query)
  return found?.query
}

describe('a slash that opens the canned responses', () => {
  it('a slash works at the beginning, or after whitespace', () => {
    expect(at('/|')).toBe('')
    expect(at('/ref|')).toBe('ref')
    expect(at('Hello /|')).toBe('')
    expect(at('Hello\n/pass|')).toBe('pass')
    expect(at('Hello\t/pass|')).toBe('pass')
    expect(at('Before /ref| and after')).toBe('ref')
  })

  it('the query after a slash can have several words', () => {
    expect(at('/order is late|')).toBe('order is late')
    expect(at('/order |')).toBe('order ')
  })

  it('a slash is ignored inside a word, a URL or a path', () => {
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

  it('a slash is not found across a line break, before a space, or when the cursor is not behind it', () => {
    for (const text of ['/ref\n|', '/ |', 'yes / no|', '|/ref', 'Hello| /ref', '|', 'Hello|', `/${'x'.repeat(61)}|`])
      expect(at(text), text).toBeUndefined()
  })
})

describe('an at sign that opens the members', () => {
  it('an at sign works at the beginning, after whitespace and after opening punctuation', () => {
    for (const text of ['@bo|', 'Hello @bo|', 'Hello\n@bo|', '(@bo|', '"@bo|', '**@bo|', '_@bo|', '> @bo|', '/ @bo|', 'cc:@bo|', '、@bo|'])
      expect(at(text, '@'), text).toBe('bo')
    expect(at('@|', '@')).toBe('')
    expect(at('@李|', '@')).toBe('李')
  })

  it('the query after an at sign can have several words', () => {
    expect(at('@Bob Ta|', '@')).toBe('Bob Ta')
  })

  it('an at sign is ignored inside a word, an address or a path, after a backslash or another at sign', () => {
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

  it('an at sign does not interfere with a slash, nor a slash with an at sign', () => {
    expect(at('/a @bo|', '@')).toBe('bo')
    expect(at('@a /bo|')).toBe('bo')
    expect(at('/a@b|', '@')).toBeUndefined()
  })
})

describe('textQueryAt', () => {
  it('the query is the text between the trigger and the cursor, for any text', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.constantFrom<TextTrigger>('/', '@'), (text, place, trigger) => {
        const cursor = Math.min(place, text.length)
        const found = textQueryAt(text, cursor, trigger)
        return found === null || text.slice(found.start, cursor) === trigger + found.query
      })
    )
  })

  it('textQueryAt scans 50,000 characters in less than 50 ms of CPU time', () => {
    for (const part of ['@', '/', ' @a', ' /a', 'a', ' ']) {
      const text = part.repeat(50_000 / part.length)
      const started = process.threadCpuUsage()
      for (const trigger of ['/', '@'] as const) textQueryAt(text, text.length, trigger)
      expect(process.threadCpuUsage(started).user, part).toBeLessThan(50_000)
    }
  })
})

describe('triggerTyped', () => {
  it('triggerTyped accepts a typed trigger, and rejects pasted and composed characters', () => {
    for (const sign of ['/', '@'] as const) {
      expect(typedTrigger({ inputType: 'insertText', data: sign, isComposing: false })).toBe(sign)
      expect(typedTrigger({ inputType: 'insertFromPaste', data: sign, isComposing: false })).toBeNull()
      expect(typedTrigger({ inputType: 'insertCompositionText', data: sign, isComposing: true })).toBeNull()
    }
    expect(typedTrigger({ inputType: 'insertText', data: 'a', isComposing: false })).toBeNull()
    expect(typedTrigger({ inputType: 'deleteContentBackward', data: null, isComposing: false })).toBeNull()
  })
})
