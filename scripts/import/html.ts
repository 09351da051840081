import { compile } from 'html-to-text'

const invisible = ['head', 'script', 'style', 'template', 'noscript', 'img', 'svg', 'object', 'iframe']

const convert = compile({
  wordwrap: false,
  formatters: {
    // The end of a line is trimmed: what is between the cells stays.
    cell(element, walk, builder) {
      walk(element.children, builder)
      builder.addLiteral('\t')
    }
  },
  selectors: [
    ...invisible.map(selector => ({ selector, format: 'skip' })),
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, linkBrackets: ['(', ')'] } },
    { selector: 'ul', options: { itemPrefix: '- ' } },
    { selector: 'tr', format: 'block', options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
    { selector: 'td', format: 'cell' },
    { selector: 'th', format: 'cell' },
    ...[1, 2, 3, 4, 5, 6].map(level => ({ selector: `h${level}`, options: { uppercase: false } }))
  ]
})

const deepest = 500

/**
 * What a reader of the HTML sees, as text: paragraphs, lists, quotations, and links with their addresses. Undefined for
 * markup that is nested deeper than anybody writes, which would take for ever.
 */
export function htmlToText(html: string): string | undefined {
  return depthOf(html) > deepest
    ? undefined
    : convert(html)
        .replace(/[^\S\n]+$/gm, '')
        .replace(/\n{3,}/g, '\n\n')
        .trim()
}

// Elements without an end, and those that the next of their kind ends.
const flat = new Set([
  'area',
  'base',
  'br',
  'col',
  'embed',
  'hr',
  'img',
  'input',
  'link',
  'meta',
  'source',
  'track',
  'wbr',
  'p',
  'li',
  'dt',
  'dd',
  'tr',
  'td',
  'th',
  'option'
])

function depthOf(html: string): number {
  let depth = 0
  let most = 0
  for (const [, slash, name] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)/gi)) {
    if (flat.has(name!.toLowerCase())) continue
    depth = slash ? Math.max(0, depth - 1) : depth + 1
    most = Math.max(most, depth)
  }
  return most
}
