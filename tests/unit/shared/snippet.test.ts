import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseSearch, positiveTerms } from '#shared/utils/search-query'
import { measureGrowth } from '../../support/growth'
import { fromMarkup, highlight, snippet, toMarkup } from '#shared/utils/snippet'

const terms = (q: string) => positiveTerms(parseSearch(q))
const marked = (text: string, q: string) =>
  highlight(text, terms(q))
    .filter(({ marked }) => marked)
    .map(({ text }) => text)

describe('highlight', () => {
  test.each<[string, string, string[]]>([
    ['The VPN crashes, a crash of the vpn', 'crash vpn', ['VPN', 'crash', 'crash', 'vpn']],
    ['Crashing, "crash" and crashes', '"crash"', ['crash']],
    ['I cannot log in. Log-in failed', '"log in"', ['log in', 'Log-in']],
    ['Résumé RESUME résumé', 'resume', ['Résumé', 'RESUME', 'résumé']],
    ['resume', 'Résumé', ['resume']],
    ['ERR_CONNECTION_RESET', 'connection_reset', ['CONNECTION_RESET']],
    ['Firefox', 'refox', ['refox']],
    ['a fox in Firefox', 'fox', ['fox']],
    ['无法登录失败的账户', '登录', ['登录']],
    ['เข้าสู่ระบบไม่ได้', 'ระบบ', ['ระบบ']],
    ['로그인이 안 됩니다', '로그인', ['로그인']],
    ['تسجيل الدُّخول لا يعمل', 'الدخول', ['الدُّخول']],
    ['Не могу Войти', 'войти', ['Войти']],
    ['लॉग इन नहीं', 'नहीं', ['नहीं']],
    ['Ｆｉｒｅｆｏｘ', 'firefox', ['Ｆｉｒｅｆｏｘ']],
    ['it is 🔥 here', '🔥', ['🔥']],
    ['vpn wifi', '-vpn wifi', ['wifi']],
    ['1.5 (a+b) [c]', 'a+b', ['a+b']],
    ['nothing', 'status:open', []]
  ])('highlights "%s" for the search %s', (text, q, expected) => expect(marked(text, q)).toEqual(expected))
})

describe('a snippet', () => {
  test('a snippet shows the part of the text with most of the words', () => {
    const text = `${'lorem ipsum '.repeat(40)}crash alone ${'dolor sit '.repeat(40)}the VPN has a crash here ${'amet '.repeat(40)}`
    const pieces = snippet(text, terms('vpn crash'))
    expect(pieces.filter(({ marked }) => marked).map(({ text }) => text)).toEqual(['VPN', 'crash'])
    expect(pieces[0]!.text).toBe('…')
    expect(pieces.at(-1)!.text).toBe('…')
    expect(pieces.map(({ text }) => text).join('').length).toBeLessThan(220)
  })

  test('a snippet is the beginning of the text when no word matches', () => {
    expect(snippet('Short   text\n\nof lines', terms('vpn'))).toEqual([{ text: 'Short text of lines', marked: false }])
    expect(snippet('', terms('vpn'))).toEqual([])
  })

  test('a snippet escapes HTML of the text', () => {
    const html = toMarkup(snippet('<img src=x onerror=alert(1)> & <mark>vpn</mark>', terms('vpn')))
    expect(html).toBe('&lt;img src=x onerror=alert(1)&gt; &amp; &lt;mark&gt;<mark>vpn</mark>&lt;/mark&gt;')
  })
})

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.lorem({ maxCount: 60 }),
  fc
    .array(fc.constantFrom('<mark>', '</mark>', '&amp;', '登录', 'é', 'e\u0301', '👩‍💻', ' ', 'x', 'ß', 'ﬁ', 'İ', '\u200d', '\ud800'), {
      maxLength: 80
    })
    .map(parts => parts.join(''))
)
const queries = fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('x', '登', 'é', 'e', 'ﬁ', '"x x"', '👩', 'lorem or dolor'))

describe('highlights of any text and any query', () => {
  test('highlighted and plain pieces add up to the whole text', () =>
    fc.assert(
      fc.property(texts, queries, (text, q) => {
        expect(
          highlight(text, terms(q))
            .map(piece => piece.text)
            .join('')
        ).toBe(text)
      }),
      { numRuns: 2_000 }
    ))

  test('snippet markup contains only <mark>, and is parsed back to the same pieces', () =>
    fc.assert(
      fc.property(texts, queries, (text, q) => {
        const pieces = snippet(text, terms(q))
        const html = toMarkup(pieces)
        expect(html.replace(/<mark>|<\/mark>/g, '')).not.toMatch(/[<>"']|&(?!amp;|lt;|gt;|quot;|#39;)/)
        expect(
          fromMarkup(html)
            .map(piece => piece.text)
            .join('')
        ).toBe(pieces.map(piece => piece.text).join(''))
        expect(pieces.map(piece => piece.text).join('').length).toBeLessThan(230)
      }),
      { numRuns: 2_000 }
    ))
})

describe('the time of a snippet does not grow quadratically', () => {
  test.each<[string, string, string]>([
    ['one repeated term', '登', Array(20).fill('登').join(' ')],
    ['terms that contain each other', '登', Array.from({ length: 18 }, (_, at) => '登'.repeat(at + 1)).join(' ')],
    ['all parts of a repeated word', '登录失败', '登 录 失 败 登录 录失 失败 败登 登录失 录失败 失败登 败登录'],
    ['a term that nearly matches everywhere', 'a', `${'a'.repeat(90)}b "${'a'.repeat(90)}b"`],
    ['a phrase that nearly matches everywhere', 'a - ', `"${'a '.repeat(60)}b"`],
    ['letters', 'a b c d e f ', 'a b c d e f g h i j k l m n o p q r s t'],
    ['accents', 'é e\u0301 ', 'é "e e" ée'],
    ['punctuation', '.,', '. , ., ,. .,. ,.,'],
    ['combining marks alone', '\u0301', 'a'],
    ['letters that fold to several letters', '\ufdfa', 'صلى'],
    ['spaces', ' ', 'a']
  ])('a snippet of %s takes linear time', (_, text, q) => {
    const wanted = terms(q)
    expect(measureGrowth(size => snippet(text.repeat(size / text.length), wanted), { size: 600 })).toBeLessThan(24)
    expect(measureGrowth(size => highlight(text.repeat(size / text.length), wanted), { size: 600 })).toBeLessThan(24)
  })

  test('a snippet examines a limited part of a text and a limited number of terms', () => {
    const many = Array.from({ length: 400 }, (_, at) => ({ text: `${at}x`, exact: false, not: false }))
    expect(measureGrowth(size => snippet('1x 登'.repeat(size), many), { size: 10_000, enough: 3 })).toBeLessThan(3)
    expect(measureGrowth(size => snippet('1x 登'.repeat(2_000), many.slice(0, size)), { size: 40, enough: 3 })).toBeLessThan(3)
    expect(marked('1x 登录 登 录', '登录 登录 登录 1x "登录" 1X')).toEqual(['1x', '登录'])
  })

  test('a snippet finds the last of 20 terms in a long text', () => {
    const q = Array.from({ length: 20 }, (_, at) => `word${at}`).join(' ')
    expect(snippet(`${'lorem '.repeat(600)} word19 ${'lorem '.repeat(100)}`, terms(q)).some(piece => piece.marked)).toBe(true)
  })
})
