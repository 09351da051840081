import { describe, expect, test } from 'vitest'
import { readFrontMatter, writeFrontMatter } from '../../../scripts/import/front-matter.ts'

describe('front matter', () => {
  test.each([
    'Text',
    '',
    '\n\n  Text  \n\n',
    'CRLF\r\nand CR\rand LF\n',
    '---\ntitle: not a field\n---\n',
    '```\n---\n```',
    '\uFEFFafter a mark\u2028\u00a0\t',
    '🙂 日本語 \u200F'
  ])('the text after it comes back byte for byte: %j', content => {
    const file = writeFrontMatter({ title: 'x' }, content)
    expect(readFrontMatter(file)).toEqual({ fields: { title: { value: 'x', line: 2 } }, content, contentLine: 4 })
  })

  test.each([
    'Plain words',
    '',
    ' spaces ',
    'with: colon',
    '# hash',
    '"quoted"',
    "it's",
    'true',
    '12',
    '- item',
    'line\nbreak',
    '日本 \u2028',
    '{a}',
    '\\',
    'no'
  ])('a value comes back as it was: %j', value => {
    const reading = readFrontMatter(writeFrontMatter({ title: value, slug: null, category: undefined }, ''))
    expect(reading).toEqual({ fields: { title: { value, line: 2 } }, content: '', contentLine: 4 })
  })

  test('values that other tools write are read', () => {
    const reading = readFrontMatter(
      `---\r\n# a comment\r\n\r\ntitle: 'It''s here'\r\nslug:\r\ncategory:   "A: \\"b\\""  \r\n--- \r\nText\r\n`
    )
    expect(reading).toEqual({
      fields: { title: { value: "It's here", line: 4 }, slug: { value: '', line: 5 }, category: { value: 'A: "b"', line: 6 } },
      content: 'Text\r\n',
      contentLine: 8
    })
  })

  test.each([
    ['', 1, /does not begin/],
    ['title: x', 1, /does not begin/],
    ['---\ntitle: x\n', 1, /ends the fields is missing/],
    ['---\ntitle: x\n- y\n---\n', 3, /Not “name: value”/],
    ['---\ntitle: x\n\ntitle: y\n---\n', 4, /twice/],
    ['---\ntitle: "x\n---\n', 2, /never closed/],
    ["---\ntitle: 'it's'\n---\n", 2, /never closed/],
    ['---\n__proto__: x\n---\n', 2, /Not “name: value”/]
  ])('what is broken is refused with its line: %j', (source, line, problem) => {
    expect(readFrontMatter(source)).toEqual({ line, problem: expect.stringMatching(problem) as string })
  })
})
