import MarkdownIt from 'markdown-it'
import type { Mention } from '../types/api'
import { hasPossibleHost, isSafeLink } from './links'
import { mentionAt, mentionsAsText } from './mentions'

// A description or reply has at most 50,000 characters; what is longer, or nested and cut up beyond reading, is shown as it was written.
const limits = {
  characters: 60_000,
  nesting: 40,
  tokens: 20_000,
  columns: 100,
  cells: 10_000,
  brackets: 2_000,
  delimiters: 4_000,
  lines: 2_500,
  links: 500
}

const linkAttributes: [string, string][] = [
  ['rel', 'noopener noreferrer nofollow ugc'],
  ['target', '_blank']
]

const markdown = new MarkdownIt({ html: false, linkify: true, breaks: true, maxNesting: limits.nesting })

/** Text as HTML, in an element or in an attribute with double quotes. */
export const { escapeHtml } = markdown.utils

markdown.validateLink = isSafeLink
const normalizeLink = markdown.normalizeLink.bind(markdown)
const normalizeLinkText = markdown.normalizeLinkText.bind(markdown)
markdown.normalizeLink = url => (hasPossibleHost(url) ? normalizeLink(url) : url)
markdown.normalizeLinkText = url => (hasPossibleHost(url) ? normalizeLinkText(url) : url)
// Bare domains stay text: README.md, main.rs and setup.py would count as such.
markdown.linkify.set({ fuzzyLink: false }).add('//', null).add('ftp:', null)
markdown.core.ruler.push('conversation', state => adapt(state.tokens, state.Token, (state.env as Reading).people))
markdown.inline.ruler.before('autolink', 'mention', (state, silent) => {
  const { people, me } = state.env as Reading
  const found = people && mentionAt(state.src, state.pos)
  if (!found) return false
  if (!silent) {
    // No link inside of a link, and none to a stranger's tickets.
    const isLink = state.linkLevel === 0 && people.some(({ id }) => id === found.id)
    const mention = state.push(isLink ? 'mention' : 'text', '', 0)
    mention.content = mentionsAsText(state.src.slice(state.pos, found.end), people)
    mention.meta = { id: found.id, isMe: found.id === me }
  }
  state.pos = found.end
  return true
})

// No class is derived from the info string: nothing a person writes may reach the page's own styles.
markdown.renderer.rules.fence = (tokens, index) => codeBlock(tokens[index]!.content)
markdown.renderer.rules.code_block = (tokens, index) => codeBlock(tokens[index]!.content)
markdown.renderer.rules.mention = (tokens, index) => {
  const { content, meta } = tokens[index] as Token & { meta: { id: string; isMe: boolean } }
  return `<a href="/tickets?assigned_to=${meta.id}" data-mention="${meta.isMe ? 'me' : ''}" dir="auto">${escapeHtml(content)}</a>`
}
markdown.renderer.rules.table_open = () => '<div data-table><table dir="auto">'
markdown.renderer.rules.table_close = () => '</table></div>'

/** Whom the tokens `<@id>` of a text may name, and who reads it. Without people, such tokens are text like any other. */
export interface Reading {
  people?: readonly Mention[]
  me?: string
}

/**
 * Safe HTML of a text in Markdown (CommonMark, tables, bare links, single line breaks kept): the only way
 * by which text that people wrote becomes markup. HTML in it stays text; links lead to http, https and mailto alone;
 * images are links, so that reading a ticket loads nothing from elsewhere; mentions are links to that person's tickets.
 * Beyond the limits: the escaped text.
 */
export function renderMarkdown(source: string, reading: Reading = {}): string {
  if (isExcessive(source)) return plainText(source, reading)

  const env = { ...reading }
  const tokens = markdown.parse(source, env)
  // Where nesting ends, the parser drops the rest of the text: better all of it, unformatted.
  const incomplete = tokens.length > limits.tokens || tokens.some(token => token.level >= limits.nesting - 1)
  return incomplete ? plainText(source, reading) : markdown.renderer.render(tokens, { ...markdown.options }, env)
}

/** What a reader would read of a text in Markdown, on one line and without its marks; beyond the limits the text as it is. */
export function markdownText(source: string): string {
  const text = isExcessive(source) ? source : markdown.parse(source, {}).map(textOf).join(' ')
  return text.replace(/\s+/g, ' ').trim()
}

type Token = ReturnType<typeof markdown.parse>[number]
type TokenClass = new (type: string, tag: string, nesting: -1 | 0 | 1) => Token
type People = Reading['people']

function textOf(token: Token): string {
  if (!token.children) return token.content
  return token.children.map(child => (child.type.endsWith('break') ? ' ' : child.content)).join('')
}

function adapt(tokens: Token[], TokenClass: TokenClass, people: People): void {
  for (const token of tokens) {
    // On nested blocks the attribute would hide their text from the outer one, which then falls back to left-to-right.
    if (token.level === 0 && token.nesting === 1) token.attrSet('dir', 'auto')
    // A text's headings stand below those of the page around it.
    if (token.type.startsWith('heading_')) token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + 3)}`
    if (token.type === 'th_open' || token.type === 'td_open') alignByData(token)
    if (people) nameInText(token, people)
    if (token.children) token.children = adaptInline(token.children, TokenClass, people)
  }
}

function adaptInline(tokens: Token[], TokenClass: TokenClass, people: People): Token[] {
  let inLink = false
  return tokens.flatMap(token => {
    if (people) nameInText(token, people)
    if (token.type === 'link_open') {
      inLink = true
      token.attrs = [...(token.attrs ?? []), ...linkAttributes]
    }
    if (token.type === 'link_close') inLink = false
    return token.type === 'image' ? imageAsLink(token, inLink, TokenClass) : token
  })
}

/** Names where a mention is no link: in code, in the description of an image, in the title of a link. */
function nameInText(token: Token, people: readonly Mention[]): void {
  if (token.type !== 'mention') token.content = mentionsAsText(token.content, people)
  const title = token.attrGet('title')
  if (title) token.attrSet('title', mentionsAsText(String(title), people))
}

function imageAsLink(image: Token, inLink: boolean, TokenClass: TokenClass): Token[] {
  const source = String(image.attrGet('src') ?? '')
  const text = new TokenClass('text', '', 0)
  text.content = image.content || source
  if (inLink) return [text]

  const open = new TokenClass('link_open', 'a', 1)
  open.attrs = [['href', source], ...linkAttributes]
  return [open, text, new TokenClass('link_close', 'a', -1)]
}

function alignByData(cell: Token): void {
  const align = /^text-align:(left|center|right)$/.exec(String(cell.attrGet('style') ?? ''))?.[1]
  cell.attrs = align ? [['data-align', align]] : null
}

/** Whether parsing would take longer than anybody would read: counted in one pass, before the parser sees the text. */
function isExcessive(source: string): boolean {
  if (source.length > limits.characters) return true

  let before = ''
  let brackets = 0
  let links = 0
  let delimiters = 0
  let lines = 1
  let columns = 0
  let widest = 0
  for (const character of source) {
    if (character === '\r' || (character === '\n' && before !== '\r')) {
      lines++
      columns = 0
    } else if (character === '[' || character === ']') brackets++
    else if (character === '*' || character === '_' || character === '~' || character === '`') delimiters++
    else if (character === '|') widest = Math.max(widest, ++columns)
    else if (character === ':' && 'psoPSO'.includes(before)) links++ // http:, https:, mailto:
    if (brackets > limits.brackets || delimiters > limits.delimiters || lines > limits.lines || links > limits.links) return true
    before = character
  }
  // A row short of cells is filled up: a table costs its widest row times its lines.
  return /-[ \t:]*\||\|[ \t:]*-/.test(source) && (widest > limits.columns || widest * lines > limits.cells)
}

function codeBlock(content: string): string {
  return `<pre dir="auto" tabindex="0"><code>${escapeHtml(content)}</code></pre>\n`
}

function plainText(source: string, { people }: Reading): string {
  return `<p dir="auto" data-plain>${escapeHtml(people ? mentionsAsText(source, people) : source)}</p>`
}
