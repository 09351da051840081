import TurndownService from 'turndown'
import { isSafeLink } from '#shared/utils/links'

// Loaded when somebody pastes HTML.

type Element = HTMLElement

/**
 * Converts HTML of the clipboard to Markdown: headings, lists, tables, links, quotes, code and emphasis, also as Word and Google Docs
 * write them. Everything else becomes its text. Null if the HTML has no structure, or is code: the plain text of the clipboard is better.
 */
export function htmlToMarkdown(html: string): string | null {
  const root = new DOMParser().parseFromString(html, 'text/html').body
  if (isCode(root) || !hasStructure(root)) return null
  return createService().turndown(root).trim()
}

function createService(): TurndownService {
  const service = new TurndownService({
    headingStyle: 'atx',
    hr: '---',
    bulletListMarker: '-',
    codeBlockStyle: 'fenced',
    emDelimiter: '*'
  })
  service.remove(['style', 'script', 'title', 'noscript', 'template'])
  // Later rules win.
  service.addRule('styled', { filter: node => styledMark(node) !== null, replacement: (text, node) => markStyled(text, node) })
  service.addRule('strike', { filter: ['del', 's'], replacement: text => surround(text, '~~') })
  service.addRule('plainBold', { filter: isPlainBold, replacement: text => text })
  service.addRule('link', { filter: 'a', replacement: (text, node) => linkOf(text, node as Element) })
  service.addRule('image', { filter: 'img', replacement: (_text, node) => imageOf(node as Element) })
  service.addRule('listItem', { filter: 'li', replacement: (text, node) => itemOf(text, listMarker(node as Element)) })
  service.addRule('listWithinList', {
    filter: node => isList(node) && isList(node.parentNode),
    replacement: text => `\n${indentLines(text.trim(), '  ')}\n`
  })
  service.addRule('wordItem', {
    filter: node => wordListLevel(node) !== null,
    replacement: (text, node) => `\n${'  '.repeat(wordListLevel(node as Element)! - 1)}${wordListMarker(node as Element)}${text.trim()}\n`
  })
  service.addRule('wordMarker', { filter: node => /mso-list:\s*ignore/i.test(styleOf(node)), replacement: () => '' })
  service.addRule('cell', { filter: ['td', 'th'], replacement: text => text })
  service.addRule('table', { filter: 'table', replacement: (text, node) => tableOf(service, text, node as HTMLTableElement) })
  return service
}

// Editors of code and terminals put preformatted text into the clipboard.
function isCode(root: Element): boolean {
  const first = [...root.children].find(({ tagName }) => !['META', 'STYLE'].includes(tagName))
  const style = first ? styleOf(first) : ''
  return /white-space:\s*pre/i.test(style) && /font-family:[^;]*mono|courier|consolas|menlo/i.test(style)
}

function hasStructure(root: Element): boolean {
  return (
    root.querySelector('h1, h2, h3, h4, h5, h6, ul, ol, table, blockquote, pre, code, a[href], strong, em, i, hr, p + p') !== null ||
    [...root.querySelectorAll('b, span, p')].some(
      element =>
        styledMark(element as Element) !== null || wordListLevel(element) !== null || (element.tagName === 'B' && !isPlainBold(element))
    )
  )
}

function styleOf(node: Node): string {
  return (node as Element).getAttribute?.('style') ?? ''
}

// Google Docs writes <b style="font-weight:normal"> around everything, and bold text as a span with a weight.
function isPlainBold(node: Node): boolean {
  return ['B', 'STRONG'].includes(node.nodeName) && /font-weight:\s*(?:normal|[1-4]00)/i.test(styleOf(node))
}

function styledMark(node: Node): string | null {
  if (node.nodeName !== 'SPAN') return null
  const style = styleOf(node)
  // Headings are bold anyway.
  const isBold = /font-weight:\s*(?:bold|[6-9]00)/i.test(style) && !(node as Element).closest('h1, h2, h3, h4, h5, h6, th')
  const isItalic = /font-style:\s*italic/i.test(style)
  return isBold || isItalic ? `${isBold ? '**' : ''}${isItalic ? '*' : ''}` : null
}

// Google Docs splits a bold text into several spans: one pair of marks is around all of them.
function markStyled(text: string, node: Node): string {
  const mark = styledMark(node)!
  const joins = (sibling: Node | null) => sibling !== null && styledMark(sibling) === mark
  return surround(text, joins(node.previousSibling) ? '' : mark, joins(node.nextSibling) ? '' : mark)
}

// Marks beside blanks would not be marks.
function surround(text: string, opening: string, closing = opening): string {
  const inner = text.trim()
  if (!inner) return text
  const start = text.indexOf(inner)
  return text.slice(0, start) + opening + inner + closing + text.slice(start + inner.length)
}

function linkOf(text: string, element: Element): string {
  const href = element.getAttribute('href')?.trim() ?? ''
  const label = text.replace(/\s*\n\s*/g, ' ').trim()
  if (!label || !isSafeLink(href)) return text
  return label === href ? `<${href}>` : `[${label}](${asTarget(href)})`
}

// Pictures of the sender's disk and pictures within the HTML have no address that readers can open.
function imageOf(element: Element): string {
  const source = element.getAttribute('src') ?? ''
  const text = (element.getAttribute('alt') ?? '').replace(/\s+/g, ' ').replace(/[[\]]/g, '')
  return /^https?:\/\/\S+$/i.test(source) ? `![${text}](${asTarget(source)})` : text
}

function asTarget(url: string): string {
  return url.replace(/\s/g, '%20').replaceAll('(', '%28').replaceAll(')', '%29')
}

// Google Docs puts a list within a list beside the items, not into one.
function isList(node: Node | null): boolean {
  return node !== null && ['UL', 'OL'].includes(node.nodeName)
}

function itemOf(text: string, marker: string): string {
  const lines = text.trim().replace(/\n{2,}(?=\s*(?:[-*+]|\d+\.) )/g, '\n')
  return `${marker}${indentLines(lines, ' '.repeat(marker.length)).trimStart()}\n`
}

function indentLines(text: string, indent: string): string {
  return text.replace(/^(?=.)/gm, indent)
}

function listMarker(item: Element): string {
  const list = item.parentElement
  if (list?.nodeName !== 'OL') return '- '
  const items = [...list.children].filter(({ nodeName }) => nodeName === 'LI')
  return `${Number(list.getAttribute('start') ?? 1) + items.indexOf(item)}. `
}

// Word writes list items as paragraphs: <p class=MsoListParagraph style="mso-list:l0 level2 lfo1">.
function wordListLevel(node: Node): number | null {
  const level = node.nodeName === 'P' ? /mso-list:\s*l\d+\s+level(\d)/i.exec(styleOf(node))?.[1] : undefined
  return level === undefined ? null : Number(level)
}

function wordListMarker(node: Element): string {
  const marker = [...node.querySelectorAll('span')].find(span => /mso-list:\s*ignore/i.test(styleOf(span)))?.textContent?.trim() ?? ''
  const number = /^(\d+)[.)]/.exec(marker)?.[1]
  return number ? `${number}. ` : /^[a-z]+[.)]/i.test(marker) ? '1. ' : '- '
}

function tableOf(service: TurndownService, text: string, table: HTMLTableElement): string {
  const rows = [...table.rows].filter(row => row.closest('table') === table)
  const width = Math.max(0, ...rows.map(widthOf))
  // A table that only arranges its content.
  if (width < 2 || table.querySelector('table')) return `\n\n${text}\n\n`
  const lines = rows.map(row => cellsOf(service, row, width)).filter(cells => cells.some(cell => cell !== ''))
  if (lines.length === 0) return ''
  const header = lines.shift()!
  const written = [header, header.map(() => '---'), ...lines].map(cells => `| ${cells.join(' | ')} |`)
  return `\n\n${written.join('\n')}\n\n`
}

function widthOf({ cells }: HTMLTableRowElement): number {
  return [...cells].reduce((width, { colSpan }) => width + colSpan, 0)
}

function cellsOf(service: TurndownService, row: HTMLTableRowElement, width: number): string[] {
  const cells = [...row.cells].flatMap(cell => [
    service
      .turndown(cell)
      .trim()
      .replace(/\s*\n\s*/g, ' ')
      .replace(/\\?\|/g, '\\|'),
    ...Array.from({ length: cell.colSpan - 1 }, () => '')
  ])
  return [...cells, ...Array.from({ length: width - cells.length }, () => '')]
}
