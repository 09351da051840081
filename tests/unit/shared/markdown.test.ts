import { ELEMENT_NODE, parse, TEXT_NODE, walkSync } from 'ultrahtml'
import { describe, expect, it } from 'vitest'
import { markdownText, renderMarkdown } from '#shared/utils/markdown'

interface Rendered {
  text: string
  elements: { name: string; attributes: Record<string, string> }[]
}

const allowedElements = new Set([
  'p',
  'br',
  'a',
  'em',
  'strong',
  's',
  'code',
  'pre',
  'blockquote',
  'ul',
  'ol',
  'li',
  'hr',
  'h4',
  'h5',
  'h6',
  'div',
  'table',
  'thead',
  'tbody',
  'tr',
  'th',
  'td'
])
const allowedAttributes = new Set(['dir', 'href', 'rel', 'target', 'title', 'start', 'tabindex', 'data-align', 'data-table', 'data-plain'])

/** The text and elements that a browser would build from the rendered source. */
function render(source: string): Rendered {
  const result: Rendered = { text: '', elements: [] }
  walkSync(parse(renderMarkdown(source)), node => {
    if (node.type === ELEMENT_NODE) result.elements.push({ name: node.name, attributes: node.attributes })
    if (node.type === TEXT_NODE) result.text += node.value
  })
  return result
}

function links(source: string): string[] {
  return render(source)
    .elements.filter(element => element.name === 'a')
    .map(element => element.attributes.href!)
}

function names(source: string): string[] {
  return render(source).elements.map(element => element.name)
}

const attacks = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '<svg><animate onbegin=alert(1)>',
  '<details ontoggle=alert(1) open>',
  '<a href=javascript:alert(1)>x</a>',
  '<a href="jav&#x09;ascript:alert(1)">x</a>',
  '<a href="javascript&colon;alert(1)">x</a>',
  '<a href="\x01javascript:alert(1)">x</a>',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](java\tscript:alert(1))',
  '[x](jav&#x09;ascript:alert(1))',
  '[x](javascript&colon;alert(1))',
  '[x](\x01javascript:alert(1))',
  '[x](javascript%3Aalert(1))',
  '<javascript:alert(1)>',
  '[x][r]\n\n[r]: javascript:alert(1)',
  '![x](javascript:alert(1))',
  '![x"onerror="alert(1)](y)',
  '![x](https://a.test/"onerror="alert(1))',
  '![x](https://a.test/y "t\\" onerror=\\"alert(1)")',
  '[x](data:text/html,<script>alert(1)</script>)',
  '![x](data:image/svg+xml;base64,PHN2Zz4=)',
  '[x](data:image/png;base64,AAAA)',
  '[x](blob:https://a.test/1)',
  '[x](vbscript:msgbox(1))',
  '<data:text/html,x>',
  '[x](file:///etc/passwd)',
  '[x](ftp://a.test/)',
  '<iframe srcdoc="<script>alert(1)</script>">',
  '<form action=//evil.test><input name=q><button formaction=//evil.test>go</button></form>',
  '<div style="position:fixed;inset:0">x</div>',
  '<div id=__NUXT_DATA__>x</div>',
  '<img name=cookie>',
  '<style>@import "//evil.test"</style>',
  '<link rel=stylesheet href=//evil.test>',
  '<base href=//evil.test>',
  '<meta http-equiv=refresh content="0;url=//evil.test">',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<template><script>alert(1)</script></template>',
  '```js"><img src=x onerror=alert(1)>\ncode\n```',
  '``` fixed inset-0 z-50\ncode\n```',
  '@<img src=x onerror=alert(1)>',
  '{{7*7}}',
  '{{constructor.constructor("alert(1)")()}}',
  '</textarea></title></script><script>alert(1)</script>',
  '<!-- x -->',
  ']]>',
  '<![CDATA[x]]>',
  '<?xml x?>',
  '<a xlink:href="javascript:alert(1)">x</a>',
  '<a ping=//evil.test href=/>x</a>',
  '<img srcset="//evil.test 1x">',
  '| <script>alert(1)</script> |\n|:-:|\n| <b onclick=x>y</b> |',
  '# <img src=x onerror=alert(1)> {#id .class onclick=alert(1)}',
  '> <script>alert(1)</script>',
  '- <script>alert(1)</script>',
  '[x](https://a.test/ \'"onmouseover="alert(1)\')',
  '`<script>alert(1)</script>`',
  '    <script>alert(1)</script>'
]

describe('renderMarkdown', () => {
  it.each(attacks)('renders only allowed elements and attributes for %j', source => {
    const { elements, text } = render(source)

    for (const { name, attributes } of elements) {
      expect(allowedElements).toContain(name)
      for (const attribute of Object.keys(attributes)) expect(allowedAttributes).toContain(attribute)
      if (attributes.href !== undefined) expect(new URL(attributes.href).protocol).toMatch(/^(https?|mailto):$/)
    }
    expect(text.length).toBeGreaterThan(0)
  })

  it('HTML is escaped', () => {
    expect(renderMarkdown('use <b>bold</b> or vector<int> & &lt;')).toBe(
      '<p dir="auto">use &lt;b&gt;bold&lt;/b&gt; or vector&lt;int&gt; &amp; &lt;</p>\n'
    )
  })

  it('makes links of http, https and mailto', () => {
    expect(links('[a](http://a.test) [b](HTTPS://b.test/x) [c](mailto:c@c.test) <https://d.test> https://e.test/?a=1&b=2')).toEqual([
      'http://a.test',
      'HTTPS://b.test/x',
      'mailto:c@c.test',
      'https://d.test',
      'https://e.test/?a=1&amp;b=2'
    ])
  })

  it('opens every link in a new window without opener and referrer', () => {
    for (const source of ['[a](https://a.test)', 'https://a.test', '<https://a.test>', '![a](https://a.test/a.gif)']) {
      const link = render(source).elements.find(element => element.name === 'a')
      expect(link?.attributes).toMatchObject({ rel: 'noopener noreferrer nofollow ugc', target: '_blank' })
    }
  })

  it.each([
    '//evil.test',
    '[x](//evil.test)',
    '[x](/tickets)',
    '[x](#top)',
    '[x](tickets?ticket=1)',
    '[x](?q=1)',
    'see README.md, main.rs and setup.py'
  ])('makes no link of %j', source => {
    expect(links(source)).toEqual([])
  })

  it('links an e-mail address', () => {
    expect(links('write to ann@example.com')).toEqual(['mailto:ann@example.com'])
  })

  it('renders an image as a link with its description', () => {
    const { elements, text } = render('![The error](https://t.test/p.gif)')
    expect(elements.map(element => element.name)).toEqual(['p', 'a'])
    expect(elements[1]!.attributes.href).toBe('https://t.test/p.gif')
    expect(text.trim()).toBe('The error')
  })

  it('does not nest links', () => {
    expect(names('[![logo](https://a.test/a.png)](https://b.test)')).toEqual(['p', 'a'])
    expect(links('[![logo](https://a.test/a.png)](https://b.test)')).toEqual(['https://b.test'])
  })

  it('renders lists, quotes, code, tables and line breaks', () => {
    expect(names('one\ntwo')).toEqual(['p', 'br'])
    expect(names('- a\n- b')).toEqual(['ul', 'li', 'li'])
    expect(names('3. a')).toEqual(['ol', 'li'])
    expect(names('> **a** _b_ ~~c~~')).toEqual(['blockquote', 'p', 'strong', 'em', 's'])
    expect(names('```ts\nconst a = 1\n```')).toEqual(['pre', 'code'])
    expect(names('|a|b|\n|-|-:|\n|1|2|')).toEqual(['div', 'table', 'thead', 'tr', 'th', 'th', 'tbody', 'tr', 'td', 'td'])
  })

  it('keeps the alignment of columns without a style attribute', () => {
    const cells = render('|a|b|\n|-|-:|\n|1|2|').elements.filter(element => element.name === 'td')
    expect(cells.map(cell => cell.attributes)).toEqual([{}, { 'data-align': 'right' }])
  })

  it('leaves out no level where a text begins with headings of level 2', () => {
    const html = renderMarkdown('## Two\n\n### Three\n\n## Two again', { topHeading: 2 })
    expect([...html.matchAll(/<(h\d)/g)].map(([, tag]) => tag)).toEqual(['h2', 'h3', 'h2'])
  })

  it('starts headings at h4, below those of the page', () => {
    expect(names('# a\n\n## b\n\n###### c')).toEqual(['h4', 'h5', 'h6'])
  })

  it('gives every top-level block dir="auto"', () => {
    const source = 'שלום\n\nhello\n\n- مرحبا\n\n> سلام\n\n# عنوان\n\n```\nx\n```\n\n|عنوان|\n|-|\n'
    const blocks = render(source).elements.filter(element => ['p', 'ul', 'blockquote', 'h4', 'pre', 'table'].includes(element.name))
    expect(blocks.filter(block => block.attributes.dir === 'auto').map(block => block.name)).toEqual([
      'p',
      'p',
      'ul',
      'blockquote',
      'h4',
      'pre',
      'table'
    ])
  })

  it.each([
    ['10,000 quotes', '>'.repeat(10_000) + ' x'],
    ['10,000 lists', '- '.repeat(10_000) + 'x'],
    ['50,000 brackets', '['.repeat(50_000)],
    ['50,000 of *a', '*a'.repeat(50_000)],
    ['5,000 columns', `${'|a'.repeat(5_000)}|\n${'|-'.repeat(5_000)}|`],
    ['99 columns, 20,000 rows', `${'|a'.repeat(99)}\n${'|-'.repeat(99)}\n${'|b\n'.repeat(16_000)}`]
  ])('shows %s as plain text in less than 100 ms', (_, source) => {
    expect(fastestRenderMs(source)).toBeLessThan(100)
    expect(render(source).elements).toEqual([{ name: 'p', attributes: { 'dir': 'auto', 'data-plain': '' } }])
    expect(render(source).text).toBe(source.replaceAll('>', '&gt;'))
  })

  it.each([
    ['nested links', '[a]('.repeat(900)],
    ['mixed emphasis', '**x*'.repeat(1_300)],
    ['backticks', Array.from({ length: 300 }, (_, index) => '`'.repeat((index % 20) + 1)).join(' ')],
    ['addresses', 'https://a.com/ '.repeat(3_300)],
    ['entities', '&#x41;'.repeat(8_000)],
    ['angle brackets', '<'.repeat(50_000)],
    ['lazy quotes', '> a\n'.repeat(12_500)],
    ['references', '[a]: x\n'.repeat(900)],
    ['unclosed comments', '<!--'.repeat(12_500)]
  ])('renders %s in less than 100 ms', (_, source) => {
    expect(fastestRenderMs(source)).toBeLessThan(100)
  })

  it('keeps all text beyond the nesting limit', () => {
    const source = Array.from({ length: 60 }, (_, depth) => `${'>'.repeat(depth)} line ${depth}`).join('\n')
    expect(render(source).text).toContain('line 59')
  })
})

/** The least of three CPU times of this thread in milliseconds, which excludes other load of the machine. */
function fastestRenderMs(source: string): number {
  return Math.min(
    ...Array.from({ length: 3 }, () => {
      const start = process.threadCpuUsage()
      renderMarkdown(source)
      const { user, system } = process.threadCpuUsage(start)
      return (user + system) / 1_000
    })
  )
}

describe('markdownText', () => {
  it('strips Markdown and joins the lines', () => {
    expect(
      markdownText(
        '# Hi *Kim*,\n\n1. the **version**\n2. the [log](https://a.test)\n\n> `x < y` &amp; <b>\\*more\\*\n\n```js\nlet a\n```\n| a | b |\n|---|---|\n| c | d |'
      )
    ).toBe('Hi Kim, the version the log x < y & <b>*more* let a a b c d')
    expect(markdownText('![a picture](https://a.test/a.png) one\ntwo  \nthree')).toBe('a picture one two three')
  })

  it('leaves text beyond the limits unchanged', () => {
    expect(markdownText('['.repeat(3_000))).toBe('['.repeat(3_000))
  })
})

describe('renderMarkdown of mentions', () => {
  const bob = { id: 'cccccccc-0000-4000-8000-000000000003', full_name: 'Bob <b>Byrd</b> & "Sons"' }
  const vera = { id: 'cccccccc-0000-4000-8000-000000000004', full_name: 'Vera Vale' }
  const people = [bob, vera]
  const token = ({ id }: { id: string }) => `<@${id}>`
  const stranger = token({ id: 'ffffffff-0000-4000-8000-0000000000ff' })
  const name = 'Bob &lt;b&gt;Byrd&lt;/b&gt; &amp; &quot;Sons&quot;'
  const link = (mine = '') => `<a href="/tickets?assigned_to=${bob.id}" data-mention="${mine}" dir="auto">@${name}</a>`

  it('a mention links to the tickets of the person, and its name is escaped', () => {
    expect(renderMarkdown(`Ask ${token(bob)}.`, { people })).toBe(`<p dir="auto">Ask ${link()}.</p>\n`)
    expect(renderMarkdown(`**${token(bob)}**`, { people })).toContain(`<strong>${link()}</strong>`)
    expect(renderMarkdown(`- ${token(bob)}\n\n| a |\n|---|\n| ${token(bob)} |`, { people }).split(link())).toHaveLength(3)
  })

  it('a mention of the reader is marked', () => {
    expect(renderMarkdown(`${token(bob)} ${token(vera)}`, { people, me: bob.id })).toMatch(new RegExp(`data-mention="me".*data-mention=""`))
  })

  it('a mention of somebody outside the team is shown as “former member”', () => {
    expect(renderMarkdown(`${stranger}!`, { people })).toBe('<p dir="auto">@former member!</p>\n')
  })

  it.each([
    `\`${token(bob)}\``,
    `\`\`\`\n${token(bob)}\n\`\`\``,
    `    ${token(bob)}`,
    `[to ${token(bob)}](https://a.test)`,
    `![of ${token(bob)}](https://a.test/a.png)`,
    `[x](https://a.test "${token(bob)}")`,
    `&lt;@${bob.id}&gt;`,
    `\\<@${bob.id}>`,
    `${'['.repeat(2001)}${token(bob)}`,
    `${'> '.repeat(45)}${token(bob)}`
  ])('a mention is a name without a link in %j', source => {
    const html = renderMarkdown(source, { people })
    expect(html).toContain(`@${name}`)
    expect(html).not.toContain(bob.id)
    expect(html).not.toContain('data-mention')
  })

  it('tokens stay as text when no people are given', () => {
    expect(renderMarkdown(token(bob))).toBe(`<p dir="auto">&lt;@${bob.id}&gt;</p>\n`)
  })

  it.each([
    ...attacks,
    '@__proto__',
    '@everyone '.repeat(1000),
    '<@__proto__>',
    '<@constructor>',
    `<@${bob.id}" onclick="alert(1)>`,
    `<@<@${bob.id}>>`
  ])('%j is rendered as without people', source => {
    const harmless = (html: string) => html.replaceAll(link(), '')
    expect(harmless(renderMarkdown(source, { people }))).toBe(renderMarkdown(source).replaceAll(`&lt;@${bob.id}&gt;`, ''))
  })

  it('50,000 characters of mentions are linked in less than 200 ms', () => {
    const text = token(bob).repeat(1282)
    const started = process.threadCpuUsage()
    expect(
      renderMarkdown(text, {
        people: [
          ...Array.from({ length: 1000 }, (_, number) => ({
            id: `eeeeeeee-0000-4000-8000-${String(number).padStart(12, '0')}`,
            full_name: 'x'
          })),
          ...people
        ]
      }).split(link())
    ).toHaveLength(1283)
    expect(process.threadCpuUsage(started).user).toBeLessThan(200_000)
  })
})

describe('pictures of articles', () => {
  const id = '11111111-2222-4333-8444-555555555555'
  const imagePath = '/api/portal/acme/images/'

  it('are images with their size, only where a text may have them', () => {
    expect(renderMarkdown(`![the "menu"](images/${id}.png#640x480 "onerror=x")`, { imagePath })).toBe(
      `<p dir="auto"><img src="${imagePath}${id}" alt="the &quot;menu&quot;" width="640" height="480" loading="lazy" decoding="async"></p>\n`
    )
    expect(renderMarkdown(`![](images/${id}.webp)`, { imagePath })).toContain(`<img src="${imagePath}${id}" alt="" loading="lazy"`)
    expect(renderMarkdown(`![menu](images/${id}.png)`)).toBe('<p dir="auto">menu</p>\n')
    expect(markdownText(`See ![menu](images/${id}.png) here`)).toBe('See menu here')
  })

  it.each([
    `![x](images/${id}.svg)`,
    `![x](images/${id})`,
    `![x](images/../${id}.png)`,
    `![x](/images/${id}.png)`,
    `![x](images/${id.toUpperCase().replace('1', 'A')}.png)`,
    `![x](images/${id}.png#640x480"onload=x)`,
    `![x](images/${id}.png?x)`,
    '![x](https://other.test/a.png)'
  ])('%s is none', source => {
    expect(renderMarkdown(source, { imagePath })).not.toContain('<img')
  })

  it('a link to one is its text', () => {
    for (const reading of [{}, { imagePath }])
      expect(renderMarkdown(`a [menu **x**](images/${id}.png) and [b](https://b.test)`, reading)).toMatch(
        /^<p dir="auto">a menu <strong>x<\/strong> and <a href="https:\/\/b\.test" [^>]+>b<\/a><\/p>\n$/
      )
  })
})
