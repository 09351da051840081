import MarkdownIt from 'markdown-it'

// A description or reply has at most 50,000 characters; what is longer, or nested and cut up beyond reading, is shown as it was written.
const limits = { characters: 60_000, nesting: 40, tokens: 20_000, columns: 100, cells: 10_000, brackets: 2_000, delimiters: 4_000 }

const schemes = new Set(['http:', 'https:', 'mailto:'])
const linkAttributes: [string, string][] = [['rel', 'noopener noreferrer nofollow ugc'], ['target', '_blank']]

const markdown = new MarkdownIt({ html: false, linkify: true, breaks: true, maxNesting: limits.nesting })
const { escapeHtml } = markdown.utils

markdown.validateLink = isSafeLink
// Bare domains stay text: README.md, main.rs and setup.py would count as such.
markdown.linkify.set({ fuzzyLink: false }).add('//', null).add('ftp:', null)
markdown.core.ruler.push('conversation', state => adapt(state.tokens, state.Token))

// No class is derived from the info string: nothing a person writes may reach the page's own styles.
markdown.renderer.rules.fence = (tokens, index) => codeBlock(tokens[index]!.content)
markdown.renderer.rules.code_block = (tokens, index) => codeBlock(tokens[index]!.content)
markdown.renderer.rules.table_open = () => '<div data-table><table dir="auto">'
markdown.renderer.rules.table_close = () => '</table></div>'

/**
 * Safe HTML of a text in Markdown (CommonMark, tables, bare links, single line breaks kept): the only way
 * by which text that people wrote becomes markup. HTML in it stays text; links lead to http, https and mailto alone;
 * images are links, so that reading a ticket loads nothing from elsewhere. Beyond the limits: the escaped text.
 */
export function renderMarkdown(source: string): string {
  if (isExcessive(source)) return plainText(source)

  const env = {}
  const tokens = markdown.parse(source, env)
  // Where nesting ends, the parser drops the rest of the text: better all of it, unformatted.
  const incomplete = tokens.length > limits.tokens || tokens.some(token => token.level >= limits.nesting - 1)
  return incomplete ? plainText(source) : markdown.renderer.render(tokens, { ...markdown.options }, env)
}

/** What a reader would read of a text in Markdown, on one line and without its marks; beyond the limits the text as it is. */
export function markdownText(source: string): string {
  const text = isExcessive(source) ? source : markdown.parse(source, {}).map(textOf).join(' ')
  return text.replace(/\s+/g, ' ').trim()
}

type Token = ReturnType<typeof markdown.parse>[number]

function textOf(token: Token): string {
  if (!token.children) return token.content
  return token.children.map(child => child.type.endsWith('break') ? ' ' : child.content).join('')
}

function adapt(tokens: Token[], TokenClass: new (type: string, tag: string, nesting: -1 | 0 | 1) => Token): void {
  for (const token of tokens) {
    // On nested blocks the attribute would hide their text from the outer one, which then falls back to left-to-right.
    if (token.level === 0 && token.nesting === 1) token.attrSet('dir', 'auto')
    // A text's headings stand below those of the page around it.
    if (token.type.startsWith('heading_')) token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + 3)}`
    if (token.type === 'th_open' || token.type === 'td_open') alignByData(token)
    if (token.children) token.children = adaptInline(token.children, TokenClass)
  }
}

function adaptInline(tokens: Token[], TokenClass: new (type: string, tag: string, nesting: -1 | 0 | 1) => Token): Token[] {
  let inLink = false
  return tokens.flatMap((token) => {
    if (token.type === 'link_open') {
      inLink = true
      token.attrs = [...(token.attrs ?? []), ...linkAttributes]
    }
    if (token.type === 'link_close') inLink = false
    return token.type === 'image' ? imageAsLink(token, inLink, TokenClass) : token
  })
}

function imageAsLink(image: Token, inLink: boolean, TokenClass: new (type: string, tag: string, nesting: -1 | 0 | 1) => Token): Token[] {
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

function isSafeLink(url: string): boolean {
  return /^(?:https?:\/\/|mailto:)[^\s]/i.test(url) && URL.canParse(url) && schemes.has(new URL(url).protocol)
}

/** Whether parsing would take longer than anybody would read: counted in one pass, before the parser sees the text. */
function isExcessive(source: string): boolean {
  if (source.length > limits.characters) return true

  let brackets = 0
  let delimiters = 0
  let lines = 1
  let columns = 0
  let widest = 0
  for (const character of source) {
    if (character === '\n') {
      lines++
      columns = 0
    } else if (character === '[' || character === ']') brackets++
    else if (character === '*' || character === '_' || character === '~' || character === '`') delimiters++
    else if (character === '|') widest = Math.max(widest, ++columns)
    if (brackets > limits.brackets || delimiters > limits.delimiters) return true
  }
  // A row short of cells is filled up: a table costs its widest row times its lines.
  return /-[ \t:]*\||\|[ \t:]*-/.test(source) && (widest > limits.columns || widest * lines > limits.cells)
}

function codeBlock(content: string): string {
  return `<pre dir="auto" tabindex="0"><code>${escapeHtml(content)}</code></pre>\n`
}

function plainText(source: string): string {
  return `<p dir="auto" data-plain>${escapeHtml(source)}</p>`
}
