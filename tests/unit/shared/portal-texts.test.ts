import { describe, expect, test } from 'vitest'
import { portalTexts } from '#shared/texts/portal'

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
