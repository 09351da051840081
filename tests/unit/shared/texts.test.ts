import { describe, expect, test } from 'vitest'
import { textsOf, type Catalogue } from '#shared/texts/catalogue'
import { preferredLocale } from '#shared/texts/locale'
import { mailCatalogue, mailTexts } from '#shared/texts/mail'
import { ratingCatalogue } from '#shared/texts/rating'
import { foreignWords, pseudoLocale } from '../../support/pseudo-locale.ts'

const catalogues: [string, Catalogue<Record<string, string>>][] = [
  ['mail', mailCatalogue],
  ['rating', ratingCatalogue]
]
const parametersOf = (message: string) => [...new Set(Array.from(message.matchAll(/\{(\w+)\}/g), match => match[1]!))].sort()
const pluralForms = (message: string) => message.split(' | ').length

describe.each(catalogues)('the texts of the subject %s', (_, { en, de }) => {
  test('have the same keys, parameters and plurals in German as in English', () => {
    expect(Object.keys(de!)).toEqual(Object.keys(en!))
    for (const [key, message] of Object.entries(en!)) {
      expect([key, parametersOf(de![key]!), pluralForms(de![key]!)]).toEqual([key, parametersOf(message), pluralForms(message)])
    }
  })

  test('have no empty message, and no character that is syntax for the compiler', () => {
    for (const message of [...Object.values(en!), ...Object.values(de!)]) {
      expect(message.trim()).toBe(message)
      expect(message).not.toBe('')
      expect(message.replace(/\{\w+\}| \| /g, '')).not.toMatch(/[{}@|]/)
    }
  })

  test('render in both locales without a parameter that stays empty', () => {
    for (const locale of ['en', 'de'] as const) {
      const t = textsOf({ en: en!, de: de! }, locale) as (key: string, parameters: Record<string, string | number>) => string
      for (const [key, message] of Object.entries(en!)) {
        const names = parametersOf(message)
        const text = t(key, Object.fromEntries(names.map(name => [name, name === 'count' ? 7 : `<${name}>`])))
        for (const name of names) expect(text).toContain(name === 'count' ? '7' : `<${name}>`)
        expect(text).not.toMatch(/[{}|]/)
      }
    }
  })

  test('have no ASCII letter in the pseudo locale', () => {
    const pseudo = pseudoLocale(en!)
    for (const message of Object.values(pseudo)) expect(foreignWords(message.replace(/\{\w+\}/g, ''), [])).toEqual([])
  })
})

describe('the locale that a browser prefers', () => {
  test.each([
    [undefined, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['de-AT,de;q=0.9,en;q=0.8', 'de'],
    ['fr-CH, fr;q=0.9, de;q=0.7, en;q=0.8', 'en'],
    ['en;q=0.1, DE-de ; q=0.5', 'de'],
    ['fr,it', 'en'],
    ['de;q=0, en;q=0.1', 'en'],
    ['*', 'en'],
    [`${'x,'.repeat(100_000)}de`, 'en'],
    ['constructor', 'en'],
    [`${'x,'.repeat(100_000)}de`, 'en'],
    ['constructor', 'en'],
    [';;;q=,,de;q=x', 'en']
  ])('of Accept-Language %j is %s', (header, locale) => {
    expect(preferredLocale(header)).toBe(locale)
  })

  test('is one that is offered, and without a match the first of them', () => {
    expect(preferredLocale('de, en;q=0.5', ['en'])).toBe('en')
    expect(preferredLocale('fr', ['de', 'en'])).toBe('de')
    expect(preferredLocale(undefined, ['de'])).toBe('de')
  })
})

describe('texts', () => {
  test('are English without a locale', () => {
    expect(mailTexts(null)('greeting', { name: 'Ann' })).toBe('Hello Ann,')
    expect(mailTexts('de')('greeting', { name: 'Ann' })).toBe('Guten Tag Ann,')
  })

  test('choose the plural by the count', () => {
    expect([1, 2, 11].map(count => mailTexts('en')('replies.more', { count }))).toEqual([
      '1 more reply follows in the next mail.',
      '2 more replies follow in the next mail.',
      '11 more replies follow in the next mail.'
    ])
  })

  test.each(['{name}', '@:greeting', 'a | b', '%{x}', '<b>', '{{7*7}}', "{'x'}"])('insert %j of a person as it is', name => {
    expect(mailTexts('de')('greeting', { name })).toBe(`Guten Tag ${name},`)
  })

  test('throw for a key that no locale has', () => {
    expect(() => (mailTexts('de') as (key: string) => string)('nonsense')).toThrow('The text nonsense is missing in de')
  })
})
