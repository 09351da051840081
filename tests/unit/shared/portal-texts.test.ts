import { describe, expect, test } from 'vitest'
import { acceptedLocale, portalTexts } from '#shared/texts/portal'

describe('acceptedLocale', () => {
  test.each([
    [undefined, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['de-AT,de;q=0.9,en;q=0.8', 'de'],
    ['fr-FR,fr;q=0.9,de;q=0.5,en;q=0.4', 'de'],
    ['en;q=0.1,de;q=0.2', 'de'],
    ['de;q=0,en;q=0.1', 'en'],
    ['*', 'en'],
    [`${'x,'.repeat(100_000)}de`, 'en'],
    ['constructor', 'en']
  ])('takes the first language of %j that the portal speaks', (header, locale) => {
    expect(acceptedLocale(header)).toBe(locale)
  })
})

describe('the texts of the portal', () => {
  const sentencesOf = (value: unknown): string[] =>
    typeof value === 'string'
      ? [value]
      : typeof value === 'function'
        ? [String((value as (...values: unknown[]) => string)('Acme', 5))]
        : Object.values(value as object).flatMap(sentencesOf)

  test.each(['en', 'de'] as const)('are complete in %s, and none has an exclamation mark', locale => {
    const sentences = sentencesOf(portalTexts(locale))
    expect(sentences.length).toBeGreaterThan(100)
    expect(sentences.filter(sentence => sentence.trim() === '' || sentence.includes('!') || sentence.includes('undefined'))).toEqual([])
  })

  test('are translated: German differs from English but for a few words', () => {
    const german = new Set(sentencesOf(portalTexts('de')))
    expect(sentencesOf(portalTexts('en')).filter(sentence => german.has(sentence))).toEqual(['Support', 'Optional'])
  })
})
