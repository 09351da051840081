import { compile } from 'html-to-text'

const invisible = ['head', 'script', 'style', 'template', 'noscript', 'img', 'svg', 'object', 'iframe']

const convert = compile({
  wordwrap: false,
  formatters: {
    // A tab after each cell; the one at the end of a line is trimmed below.
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

const maxDepth = 500

/**
 * Converts HTML to readable text: paragraphs, lists, quotations, and links with their addresses. Undefined when elements are
 * nested more than 500 deep, which html-to-text processes too slowly.
 */
export function htmlToText(html: string): string | undefined {
  return depthOf(html) > maxDepth
    ? undefined
    : convert(html)
        .replace(/[^\S\n]+$/gm, '')
        .replace(/\n{3,}/g, '\n\n')
        .trim()
}

// Void elements, and elements whose end tag is optional.
const unnested = new Set([
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
    if (unnested.has(name!.toLowerCase())) continue
    depth = slash ? Math.max(0, depth - 1) : depth + 1
    most = Math.max(most, depth)
  }
  return most
}
