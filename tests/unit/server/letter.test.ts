import { describe, expect, test } from 'vitest'
import { headerText, htmlPart, previewOf, textPart, type Block, type Letter } from '#server/domain/mail/letter'

const vera = { id: '11111111-1111-4111-8111-111111111111', full_name: 'Vera Vale' }

const message = (source: string, author = 'Bob', people = [vera]): Extract<Block, { kind: 'message' }> => ({ kind: 'message', author, source, format: 'markdown', people })

/** A letter in which people's words stand at every place where they can. */
function letterOf(words: string): Letter {
  return {
    preview: words, from: words, footer: words, settingsUrl: `http://desk.test/settings?x=${words}`,
    blocks: [
      { kind: 'heading', text: words }, { kind: 'paragraph', text: words }, { ...message(words, words), label: words }, { kind: 'facts', facts: [[words, words]] },
      { kind: 'button', label: words, url: `http://desk.test/?x=${words}` }, { kind: 'stars', url: `http://desk.test/rate/${words}` }
    ]
  }
}

describe('words of people', () => {
  test.each([
    '<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '"><svg onload=alert(1)>', '<svg><animate onbegin=alert(1) attributeName=x>', '<details open ontoggle=alert(1)>', '<a href="javascript:alert(1)">x</a>', '<a href="jav&#x09;ascript:alert(1)">x</a>',
    '[x](javascript:alert(1))', '<javascript:alert(1)>', '[x][y]\n\n[y]: javascript:alert(1)', '![x"onerror="alert(1)](y)', '![x](http://evil.test/pixel.png)', '[x](data:text/html,<script>alert(1)</script>)', '![x](data:image/svg+xml,<svg onload=alert(1)>)', '[x](vbscript:x)', '[x](blob:x)',
    '<iframe srcdoc="x"></iframe>', '<form action=//evil.test><input></form>', '<p style="position:fixed;inset:0">x</p>', '<style>@import "//evil.test"</style>', '<link rel=stylesheet href=//evil.test>', '<base href=//evil.test>', '<meta http-equiv=refresh content=0>',
    '</div></body></html><script>alert(1)</script>', '</title><script>alert(1)</script>', '<!-- x', ']]>', '\' onmouseover=\'alert(1)', '```js"><img src=x onerror=alert(1)>\nx\n```'
  ])('%j are text in the HTML part', (words) => {
    const html = htmlPart(letterOf(words), words)
    const plain = htmlPart(letterOf('words'), 'words')
    // The tags of the letter itself, and of Markdown: nothing else opens, and no attribute is of another kind.
    const tags = (text: string) => [...text.matchAll(/<([a-z!/][^\s>]*)/gi)].map(match => match[1]!.toLowerCase())
    const allowed = new Set([...tags(plain), 'a', '/a', 'pre', 'code', '/code', '/pre', 'p', '/p', 'br'])
    expect(tags(html).filter(tag => !allowed.has(tag))).toEqual([])
    expect(html).not.toMatch(/<(script|img|svg|iframe|form|input|link|base|object|embed|details)\b/i)
    const attributes = [...html.replace(/<style>[^]*?<\/style>/, '').matchAll(/<[a-z0-9]+((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*>/gi)].flatMap(match => [...match[1]!.matchAll(/([a-z-]+)="([^"]*)"/gi)])
    expect(attributes.filter(([, name]) => name!.startsWith('on') || name === 'src')).toEqual([])
    for (const [, name, value] of attributes) if (name === 'href') expect(value).toMatch(/^(https?:|mailto:)/)
  })

  test.each(['{{constructor.constructor(\'return process\')()}}', '#{7*7}', '<%= 7*7 %>', '${7*7}', '{{7*7}}'])('%j is no template', (words) => {
    expect(textPart(letterOf(words))).toContain(words)
    expect(textPart(letterOf(words))).not.toContain('49')
  })

  test('are whole in the text part, quoted line by line', () => {
    expect(textPart({ preview: '', from: '', footer: 'Bye', blocks: [message('One\n\n<b>Two</b>')] })).toBe('Bob:\n\n> One\n> \n> <b>Two</b>\n\n-- \nBye\n')
  })

  test('name those who are mentioned, as text', () => {
    const source = `<@${vera.id}> and <@22222222-2222-4222-8222-222222222222>`
    expect(textPart({ preview: '', from: '', footer: '', blocks: [message(source)] })).toContain('> @Vera Vale and @former member')
    const linking = { ...vera, full_name: 'Vera [x](http://evil.test) *b* <b>' }
    const html = htmlPart({ preview: '', from: '', footer: '', blocks: [message(source, 'Bob', [linking])] }, '')
    expect(html).not.toMatch(/href|<em>|<b>/)
    expect(html).toContain('@Vera [x]')
    expect(previewOf(message(`**Hello** <@${vera.id}>\n\nSecond`))).toBe('Hello @Vera Vale Second')
  })

  test('in a header are on one line, in one direction and of bounded length', () => {
    expect(headerText('A\r\nBcc: x@evil.test')).toBe('A Bcc: x@evil.test')
    expect(headerText('a\u2028b\u2029c\u0000d\te')).toBe('a b c d e')
    expect(headerText('invoice\u202Egnp.exe')).toBe('invoicegnp.exe')
    expect([...headerText('é'.repeat(500))]).toHaveLength(255)
    expect(headerText('😀'.repeat(300)).isWellFormed()).toBe(true)
  })
})
