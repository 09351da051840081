import { describe, expect, test } from 'vitest'
import { displayName, oneLine } from '#server/domain/mail/header'
import { previewOf, renderLetter, type Block, type Letter } from '#server/domain/mail/letter'

const vera = { id: '11111111-1111-4111-8111-111111111111', full_name: 'Vera Vale' }

const message = (source: string, author = 'Bob', people = [vera]): Extract<Block, { kind: 'message' }> => ({
  kind: 'message',
  author,
  source,
  format: 'markdown',
  people
})

/** A letter with `words` in every field that can hold user-written text. */
function letterOf(words: string): Letter {
  return {
    preview: words,
    from: words,
    footer: words,
    settingsUrl: `http://desk.test/settings?x=${words}`,
    blocks: [
      { kind: 'heading', text: words },
      { kind: 'paragraph', text: words },
      { ...message(words, words), label: words },
      { kind: 'facts', facts: [[words, words]] },
      { kind: 'button', label: words, url: `http://desk.test/?x=${words}` },
      { kind: 'stars', url: `http://desk.test/rate/${words}` }
    ]
  }
}

describe('user-written text in a mail', () => {
  test.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '"><svg onload=alert(1)>',
    '<svg><animate onbegin=alert(1) attributeName=x>',
    '<details open ontoggle=alert(1)>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="jav&#x09;ascript:alert(1)">x</a>',
    '[x](javascript:alert(1))',
    '<javascript:alert(1)>',
    '[x][y]\n\n[y]: javascript:alert(1)',
    '![x"onerror="alert(1)](y)',
    '![x](http://evil.test/pixel.png)',
    '[x](data:text/html,<script>alert(1)</script>)',
    '![x](data:image/svg+xml,<svg onload=alert(1)>)',
    '[x](vbscript:x)',
    '[x](blob:x)',
    '<iframe srcdoc="x"></iframe>',
    '<form action=//evil.test><input></form>',
    '<p style="position:fixed;inset:0">x</p>',
    '<style>@import "//evil.test"</style>',
    '<link rel=stylesheet href=//evil.test>',
    '<base href=//evil.test>',
    '<meta http-equiv=refresh content=0>',
    '</div></body></html><script>alert(1)</script>',
    '</title><script>alert(1)</script>',
    '<!-- x',
    ']]>',
    "' onmouseover='alert(1)",
    '```js"><img src=x onerror=alert(1)>\nx\n```'
  ])('user-written text is escaped in the HTML part: %j', async words => {
    const { html } = await renderLetter(letterOf(words), words)
    const { html: plain } = await renderLetter(letterOf('words'), 'words')
    // Only the tags of the letter itself and of Markdown may occur.
    const tags = (text: string) => [...text.matchAll(/<([a-z!/][^\s>]*)/gi)].map(match => match[1]!.toLowerCase())
    const allowed = new Set([...tags(plain), 'a', '/a', 'pre', 'code', '/code', '/pre', 'p', '/p', 'br'])
    expect(tags(html).filter(tag => !allowed.has(tag))).toEqual([])
    expect(html).not.toMatch(/<(script|img|svg|iframe|form|input|link|base|object|embed|details)\b/i)
    const attributes = [...html.replace(/<style>[^]*?<\/style>/, '').matchAll(/<[a-z0-9]+((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*>/gi)].flatMap(
      match => [...match[1]!.matchAll(/([a-z-]+)="([^"]*)"/gi)]
    )
    expect(attributes.filter(([, name]) => name!.startsWith('on') || name === 'src')).toEqual([])
    for (const [, name, value] of attributes) if (name === 'href') expect(value).toMatch(/^(https?:|mailto:)/)
  })

  test.each(["{{constructor.constructor('return process')()}}", '#{7*7}', '<%= 7*7 %>', '${7*7}', '{{7*7}}'])(
    'user-written text is not evaluated as a template: %j',
    async words => {
      const { text } = await renderLetter(letterOf(words), '')
      expect(text).toContain(words)
      expect(text).not.toContain('49')
    }
  )

  test('the colour of the team is that of the button, the line above the card and the links, with a readable text', async () => {
    const letter = (color?: string) =>
      renderLetter({ preview: '', from: '', footer: '', color, blocks: [{ kind: 'button', label: 'Open', url: 'http://x.test' }] }, '')
    expect((await letter()).html).toContain('background:#4f46e5;color:#ffffff;')
    const { html } = await letter('#facc15')
    expect(html).toContain('background:#facc15;color:#000000;')
    expect(html).toContain('height:4px;margin:0 0 12px;border-radius:2px;background:#facc15;')
    expect(html).not.toContain('#4f46e5')
  })

  test('a message is complete and unquoted in the text part, because mail clients fold quotes', async () => {
    expect((await renderLetter({ preview: '', from: '', footer: 'Bye', blocks: [message('One\n\n<b>Two</b>')] }, '')).text).toBe(
      'Bob:\n\nOne\n\n<b>Two</b>\n\n-- \nBye\n'
    )
  })

  test('mentioned people are shown by their names, as text', async () => {
    const source = `<@${vera.id}> and <@22222222-2222-4222-8222-222222222222>`
    expect((await renderLetter({ preview: '', from: '', footer: '', blocks: [message(source)] }, '')).text).toContain(
      '@Vera Vale and @former member'
    )
    const linking = { ...vera, full_name: 'Vera [x](http://evil.test) *b* <b>' }
    const { html } = await renderLetter({ preview: '', from: '', footer: '', blocks: [message(source, 'Bob', [linking])] }, '')
    expect(html).not.toMatch(/href|<em>|<b>/)
    expect(html).toContain('@Vera [x]')
    expect(previewOf(message(`**Hello** <@${vera.id}>\n\nSecond`))).toBe('Hello @Vera Vale Second')
  })

  test('a header is one line without bidi controls and of bounded length', () => {
    expect(oneLine('A\r\nBcc: x@evil.test')).toBe('A Bcc: x@evil.test')
    expect(oneLine('a\u2028b\u2029c\u0000d\te')).toBe('a b c d e')
    expect(oneLine('invoice\u202Egnp.exe')).toBe('invoicegnp.exe')
    expect([...oneLine('é'.repeat(500), 255)]).toHaveLength(255)
    expect(oneLine('😀'.repeat(300)).isWellFormed()).toBe(true)
  })

  test.each([
    ['\u202Eevil\u202C', 'evil'],
    ['\u2066a\u2069\u2067b', 'ab'],
    ['a\u200Fb\u200Ec\u061Cd', 'abcd'],
    ['pay\u200Bpal\uFEFF\u2060\u00AD', 'paypal'],
    ['a\0\u0007\u009Fb', 'a b'],
    ['\u200B\u2060\uFEFF', ''],
    ['\u3164\u115F\u2800', ''],
    ['\u{E0041}\u{E0042}x', 'x'],
    ['\uD800x', '\uFFFDx'],
    ['\u200D\u200D', ''],
    ['a \u200D b', 'a b'],
    // Joiners inside of letters and emoji stay.
    ['👩\u200D💻 Ann', '👩\u200D💻 Ann'],
    ['❤\uFE0F', '❤\uFE0F'],
    ['می\u200Cخواهم', 'می\u200Cخواهم'],
    ['क्\u200Dष', 'क्\u200Dष'],
    ['שלום Acme', 'שלום Acme']
  ])('oneLine turns %j into %j', (text, line) => {
    expect(oneLine(text)).toBe(line)
  })

  test('a display name contains no address', () => {
    expect(displayName('support@us.test <x@evil.test>\u202E', 120)).toBe('support at us.test x at evil.test')
  })

  test('user-written text in our sentences has no bidi controls or line breaks', async () => {
    const letter = letterOf('a\u202Eb\r\nBcc: x\u200B')
    const { text } = await renderLetter(
      {
        ...letter,
        blocks: letter.blocks.filter(({ kind }) => kind !== 'message' && kind !== 'button' && kind !== 'stars'),
        settingsUrl: undefined
      },
      ''
    )
    expect(text).toBe(
      'ab Bcc: x\n\nab Bcc: x\n\nab Bcc: x: ab Bcc: x\n\n-- \nab Bcc: x\n'.replace('ab Bcc: x: ', `${'a\u202Eb\r\nBcc: x\u200B'}: `)
    )
  })
})
