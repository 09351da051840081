/** Texts of people who write no Markdown, with what a renderer likes to lose: each must read exactly as it stands. */
export const plainTexts: string[] = [
  '\\\\fs01\\dept\\_scans\\2026', '2*3*4 = 24', '__init__.py and _private_', '# not a heading\n## nor this', '1. one\n3. three\n\n\n- a\n-b', '> quoted\n>> twice\n> ', '    four spaces\n\tand a tab\n  \t both',
  'trailing spaces   \nnext', 'a  b   c    d', '\n\nleading lines', 'trailing lines\n\n\n', '\r\nWindows\r\nlines\r\n', 'old\rMac\rlines', 'mixed\r\n\r\n\n\rends', 'a\vb\fc\u0085d\u2028e\u2029f',
  '```\ncode\n```', '~~~~', '`tick` ``two``', '| a | b |\n|---|---|\n| c | d |', '[label](https://a.test) ![image](https://a.test/i.png)', '[label]: https://a.test "title"', '<b>bold</b> &amp; &lt; &#65; <!-- comment --> <br>', '<script>alert(1)</script>',
  'C:\\Users\\ann\\Desktop', '\\*escaped\\* \\_ \\\\ \\`', '$$x^2$$ ~~gone~~ ==mark== ^up^', ':) :-( ;) (c) (tm) -- --- ... "quotes"', '***\n---\n___\n===', 'Title\n=====\nOther\n-----', 'a\\\nb', 'hard  \nbreak',
  'see https://a.test/path_(x)?q=1&r=2#f, or http://b.test.', 'https://a.test/a*b*c_d_e', '<https://a.test> and (https://a.test/x)', 'mail ann@acme.test, or mailto:bob@acme.test!', 'http://', 'https://user:pass@a.test/', 'javascript:alert(1) data:text/html,x', 'www.a.test and README.md',
  '请访问https://a.test/login。谢谢', '(見よ：http://例え.test/道)', '\u200f\u05e9\u05dc\u05d5\u05dd https://a.test \u05e2\u05d5\u05dc\u05dd', '\u0645\u06cc\u200c\u0631\u0648\u0645 \u202bx\u202c', '\u200bzero\u200d\ufeff width\u00ad', 'e\u0301 \u00e9 \u1100\u1161 \uac00', '👩‍👩‍👧‍👦 🇩🇪 ☠️ 1️⃣', '\u00a0\u2003\u3000wide spaces\u3000',
  '%PDF {{ mustache }} ${dollar} <%= erb %>', 'null', '0', ' x ', '&nbsp;&#160;&copy', '@Bob @everyone <@not-a-token>', '\u0001\u0007\u001b[31mred\u001b[0m', 'a'.repeat(5_000), '@'.repeat(500), 'http://%'.repeat(200), `${'('.repeat(200)}https://a.test/${')'.repeat(200)}`, '=?utf-8?q?x?= =E2=80=A8'
]
