import { expect, test } from 'vitest'
import { renderLetter, type Draft } from '#server/domain/mail/letter'
import { forStranger, withoutLinks } from '#server/domain/mail/stranger'

test.each([
  ['see https://evil.test/a?b=c', 'see evil[.]test/a?b=c'],
  ['HTTP://EVIL.TEST', 'EVIL[.]TEST'],
  ['www.evil.test and evil.test', 'www[.]evil[.]test and evil[.]test'],
  ['evil。test evil．test evil｡test', 'evil[.]test evil[.]test evil[.]test'],
  ['bücher.example, пример.рф', 'bücher[.]example, пример[.]рф'],
  ['http://127.0.0.1:8080/x', '127.0.0.1:8080/x'],
  ['mailto:x@evil.test', 'mailto x@evil[.]test'],
  ['javascript:alert(1)', 'javascript alert(1)'],
  ['ftp:///evil.test', 'evil[.]test'],
  ['Take 2.5 mg. Then 3.5.1, please. Really...', 'Take 2.5 mg. Then 3.5.1, please. Really...'],
  ['\\\\fs01\\dept\\_scans', '\\\\fs01\\dept\\_scans'],
  ['12:30, a: b', '12:30, a: b']
])('withoutLinks turns %j into %j', (text, plain) => {
  expect(withoutLinks(text)).toBe(plain)
})

test('a mail to a stranger has no user-written text in subject and sender, and only our links', async () => {
  const evil = 'You won [click](http://evil.test/1) <http://evil.test/2> www.evil.test'
  const draft: Draft = {
    topic: evil,
    number: 1,
    fromName: evil,
    letter: {
      preview: evil,
      from: evil,
      footer: evil,
      blocks: [
        { kind: 'paragraph', text: evil },
        { kind: 'message', author: evil, source: `${evil}\n\n**Second** line`, format: 'markdown', people: [] },
        { kind: 'facts', facts: [['Request', evil]] },
        { kind: 'stars', url: 'https://desk.test/rate/x' }
      ]
    }
  }
  const safe = forStranger(draft, 'Your request')
  expect(safe).toMatchObject({ topic: 'Your request', fromName: null })
  for (const part of Object.values(await renderLetter(safe.letter, safe.topic))) {
    expect(new Set(part.match(/https?:\/\/[^\s"<?]+/g))).toEqual(new Set(['https://desk.test/rate/x']))
    expect(part).not.toMatch(/evil\.test/)
    expect(part).toContain('**Second** line')
  }
  expect(draft.topic).toBe(evil)
})
