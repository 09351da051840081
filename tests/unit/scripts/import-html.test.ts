import { expect, test } from 'vitest'
import { htmlToText } from '../../../scripts/import/html.ts'

test.each([
  [
    '<p>Hello</p><ul><li>one</li><li>two <b>bold</b></li></ul><p>Bye &amp; thanks &lt;x&gt;</p>',
    'Hello\n\n- one\n- two bold\n\nBye & thanks <x>'
  ],
  ['<head><title>x</title><style>p{}</style></head><script>alert(1)</script>a<br>b<br/>c<!-- d -->', 'a\nb\nc'],
  [
    '<a href="https://x.test/?a=1&amp;b=2">link</a>, <a href="https://x.test">https://x.test</a>, <a href="mailto:a@b.test">a@b.test</a><img src="data:x" alt="">',
    'link (https://x.test/?a=1&b=2), https://x.test, a@b.test'
  ],
  ['<table><tr><th>Name</th><th>Size</th></tr><tr><td>a</td><td>1</td></tr></table>', 'Name\tSize\na\t1'],
  ['<blockquote>quoted<br>more</blockquote>after<pre>  code\n    x</pre>', '> quoted\n> more\n\nafter\n\n  code\n    x'],
  ['<h1>Title</h1><ol><li>one</li><li>two</li></ol>', 'Title\n\n 1. one\n 2. two'],
  ['<div>C:\\fs\\_x_</div><div>2*3*4 = 24</div><p>unclosed <b>bold<p>next', 'C:\\fs\\_x_\n2*3*4 = 24\n\nunclosed bold\n\nnext'],
  ['<p></p>', ''],
  ['<p>&nbsp;</p>', ''],
  ['plain < text & more', 'plain < text & more']
])('htmlToText converts %s', (html, text) => {
  expect(htmlToText(html)).toBe(text)
})

test('htmlToText answers undefined for HTML that is nested too deeply', () => {
  expect(htmlToText('<div>'.repeat(200_000))).toBeUndefined()
  expect(htmlToText('<blockquote><ul><li>'.repeat(5_000))).toBeUndefined()
  expect(htmlToText(`${'<div>'.repeat(400)}deep`)).toBe('deep')
  expect(htmlToText(`${'<p>one'.repeat(3_000)}<br>`)).toHaveLength(3_000 * 5 - 2)
})
