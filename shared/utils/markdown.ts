import MarkdownIt from 'markdown-it'
import { parseImageAddress } from '../article'
import type { Mention } from '../types/api'
import { hasPossibleHost, isSafeLink } from './links'
import { mentionAt, mentionsAsText } from './mentions'

// A description or reply has at most 50,000 characters. Text beyond a limit is shown as plain text.
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

/** Escapes text for the content of an element or a double-quoted attribute. */
export const { escapeHtml } = markdown.utils

// Addresses of our own pictures become images, and never links: see adaptInline().
markdown.validateLink = url => isSafeLink(url) || parseImageAddress(url) !== null
const normalizeLink = markdown.normalizeLink.bind(markdown)
const normalizeLinkText = markdown.normalizeLinkText.bind(markdown)
markdown.normalizeLink = url => (hasPossibleHost(url) ? normalizeLink(url) : url)
markdown.normalizeLinkText = url => (hasPossibleHost(url) ? normalizeLinkText(url) : url)
// Bare domains stay text, because README.md, main.rs and setup.py look like domains.
markdown.linkify.set({ fuzzyLink: false }).add('//', null).add('ftp:', null)
markdown.core.ruler.push('conversation', state => adapt(state.tokens, state.Token, state.env as MarkdownContext))
markdown.inline.ruler.before('autolink', 'mention', (state, silent) => {
  const { people, me } = state.env as MarkdownContext
  const found = people && mentionAt(state.src, state.pos)
  if (!found) return false
  if (!silent) {
    // Never a link within a link, and no link for a person who is not listed.
    const isLink = state.linkLevel === 0 && people.some(({ id }) => id === found.id)
    const mention = state.push(isLink ? 'mention' : 'text', '', 0)
    mention.content = mentionsAsText(state.src.slice(state.pos, found.end), people)
    mention.meta = { id: found.id, isMe: found.id === me }
  }
  state.pos = found.end
  return true
})

// The info string sets no class: user-written text must not reach the page's styles.
markdown.renderer.rules.fence = (tokens, index) => codeBlock(tokens[index]!.content)
markdown.renderer.rules.code_block = (tokens, index) => codeBlock(tokens[index]!.content)
markdown.renderer.rules.mention = (tokens, index) => {
  const { content, meta } = tokens[index] as Token & { meta: { id: string; isMe: boolean } }
  return `<a href="/tickets?assigned_to=${meta.id}" data-mention="${meta.isMe ? 'me' : ''}" dir="auto">${escapeHtml(content)}</a>`
}
markdown.renderer.rules.table_open = () => '<div data-table><table dir="auto">'
markdown.renderer.rules.table_close = () => '</table></div>'

/** The people that tokens `<@id>` may mention, and the reader (`me`). Without people, tokens stay text. */
export interface MarkdownContext {
  people?: readonly Mention[]
  me?: string
  /** The level that the highest headings of the text get, so that headings of the text rank below those of the page. Default: 4. */
  topHeading?: number
  /** The path before the id of a picture of our own. Without it, such a picture is its description. */
  imagePath?: string
}

/**
 * Renders Markdown (CommonMark, tables, bare links, single line breaks) as safe HTML. It is the only way in which user-written
 * text becomes markup. HTML in the text is escaped; links are http, https and mailto only; images become links, so that
 * reading a ticket loads nothing from other servers, except pictures of articles, which are our own; mentions link to the person's
 * tickets. Text beyond the limits is escaped.
 */
export function renderMarkdown(source: string, reading: MarkdownContext = {}): string {
  if (isExcessive(source)) return plainText(source, reading)

  const env = { ...reading }
  const tokens = markdown.parse(source, env)
  // At the nesting limit the parser drops the rest of the text, so all of it is shown unformatted instead.
  const incomplete = tokens.length > limits.tokens || tokens.some(token => token.level >= limits.nesting - 1)
  return incomplete ? plainText(source, reading) : markdown.renderer.render(tokens, { ...markdown.options }, env)
}

/** Markdown as plain text on one line; beyond the limits, the source. */
export function markdownText(source: string): string {
  const text = isExcessive(source) ? source : markdown.parse(source, {}).map(textOf).join(' ')
  return text.replace(/\s+/g, ' ').trim()
}

type Token = ReturnType<typeof markdown.parse>[number]
type TokenClass = new (type: string, tag: string, nesting: -1 | 0 | 1) => Token

function textOf(token: Token): string {
  if (!token.children) return token.content
  return token.children.map(child => (child.type.endsWith('break') ? ' ' : child.content)).join('')
}

function adapt(tokens: Token[], TokenClass: TokenClass, { people, topHeading = 4, imagePath }: MarkdownContext): void {
  // A text may begin with headings of level 2: then no level is left out between the page and its text.
  const highest = Math.min(...tokens.filter(({ type }) => type === 'heading_open').map(levelOf))
  for (const token of tokens) {
    // Only on top-level blocks: nested ones would hide their text from the outer block, which would fall back to left-to-right.
    if (token.level === 0 && token.nesting === 1) token.attrSet('dir', 'auto')
    if (token.type.startsWith('heading_')) token.tag = `h${Math.min(6, levelOf(token) - highest + topHeading)}`
    if (token.type === 'th_open' || token.type === 'td_open') alignByData(token)
    if (people) replaceMentions(token, people)
    if (token.children) token.children = adaptInline(token.children, TokenClass, { people, imagePath })
  }
}

function levelOf(heading: Token): number {
  return Number(heading.tag.slice(1))
}

function adaptInline(tokens: Token[], TokenClass: TokenClass, { people, imagePath }: MarkdownContext): Token[] {
  let link: 'none' | 'kept' | 'dropped' = 'none'
  return tokens.flatMap(token => {
    if (people) replaceMentions(token, people)
    if (token.type === 'link_open') {
      link = parseImageAddress(String(token.attrGet('href'))) ? 'dropped' : 'kept'
      token.attrs = [...(token.attrs ?? []), ...linkAttributes]
      return link === 'dropped' ? [] : token
    }
    if (token.type === 'link_close') {
      const isDropped = link === 'dropped'
      link = 'none'
      return isDropped ? [] : token
    }
    if (token.type !== 'image') return token
    const own = parseImageAddress(String(token.attrGet('src')))
    return own ? ownImage(token, own, TokenClass, imagePath) : imageAsLink(token, link !== 'none', TokenClass)
  })
}

function ownImage(
  image: Token,
  { id, size }: NonNullable<ReturnType<typeof parseImageAddress>>,
  TokenClass: TokenClass,
  path?: string
): Token {
  if (path === undefined) {
    const text = new TokenClass('text', '', 0)
    text.content = image.content
    return text
  }
  // With its size, the page does not move when it arrives.
  image.attrs = [
    ['src', path + id],
    ['alt', ''], // the renderer fills it in
    ...Object.entries(size ?? {}),
    ['loading', 'lazy'],
    ['decoding', 'async']
  ]
  return image
}

/** Replaces tokens with names where a mention cannot be a link: in code, image descriptions and link titles. */
function replaceMentions(token: Token, people: readonly Mention[]): void {
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

/** Whether the text exceeds a limit. Counts in one pass before parsing, because the parser can take quadratic time. */
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
  // The parser pads short rows, so a table costs its widest row times its lines.
  return /-[ \t:]*\||\|[ \t:]*-/.test(source) && (widest > limits.columns || widest * lines > limits.cells)
}

function codeBlock(content: string): string {
  return `<pre dir="auto" tabindex="0"><code>${escapeHtml(content)}</code></pre>\n`
}

function plainText(source: string, { people }: MarkdownContext): string {
  return `<p dir="auto" data-plain>${escapeHtml(people ? mentionsAsText(source, people) : source)}</p>`
}
