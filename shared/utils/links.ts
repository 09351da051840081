const schemes = new Set(['http:', 'https:', 'mailto:'])

// A host label has at most 63 characters (RFC 1035), the local part of an address 64 (RFC 5321).
const longestLabel = 64
// 253 for the host; a user and a password may precede it.
const longestAuthority = 600

/** Whether a user-written URL may become a link: http, https and mailto only. */
export function isSafeLink(url: string): boolean {
  return /^(?:https?:\/\/|mailto:)[^\s]/i.test(url) && hasPossibleHost(url) && URL.canParse(url) && schemes.has(new URL(url).protocol)
}

/** Whether the host of a URL is short enough to exist. Longer ones must not be parsed: punycode is quadratic in the length of a label. */
export function hasPossibleHost(url: string): boolean {
  const authority = /^(?:[a-z][a-z\d+.-]*:)?[/\\]*([^/?#\\]*)/i.exec(url)![1]!
  return authority.length <= longestAuthority && authority.split(/[.\u3002\uff0e\uff61@:,]/).every(label => label.length <= longestLabel)
}

/** A link in a text, from `start` to `end`. */
export interface FoundLink {
  start: number
  end: number
  href: string
}

// A link ends before white space, control characters, angle brackets, quotation marks and the punctuation of Chinese and Japanese.
const start = /(?<![A-Za-z0-9_])(?:https?:\/\/|mailto:)|@/giu
const rest = /[^\s\p{Cc}<>"“”„«»‹›「」『』【】《》〈〉（）、。，；：！？…\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/uy
const closing = /[.,;:!?'’*_~|\\`)\]}]/
const brackets: Record<string, string> = { ')': '(', ']': '[', '}': '{' }
const mailbox = /[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]/
const domain = /[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+/y
const longestMailbox = 64

/** The links and e-mail addresses of a plain text, in order. Takes linear time. */
export function findLinks(text: string): FoundLink[] {
  const links: FoundLink[] = []
  let done = 0
  start.lastIndex = 0
  for (let found = start.exec(text); found; found = start.exec(text)) {
    const link = found[0] === '@' ? addressAround(text, found.index, done) : linkAt(text, found.index, start.lastIndex)
    if (link?.href) links.push({ ...link, href: link.href })
    if (link) done = start.lastIndex = link.end
  }
  return links
}

/** Without `href`, the range holds no link and is skipped: searching it again would take quadratic time. */
type ScannedRange = Omit<FoundLink, 'href'> & { href?: string }

function linkAt(text: string, at: number, afterScheme: number): ScannedRange | undefined {
  rest.lastIndex = afterScheme
  if (!rest.test(text)) return
  const end = withoutClosing(text, afterScheme, rest.lastIndex)
  const href = text.slice(at, end)
  return end > afterScheme && isSafeLink(href) ? { start: at, end, href } : { start: at, end: rest.lastIndex }
}

/** Trailing punctuation belongs to the sentence; a closing bracket only if the link does not contain its opening one. */
function withoutClosing(text: string, from: number, to: number): number {
  const open: Record<string, number> = { ')': 0, ']': 0, '}': 0 }
  for (let at = from; at < to; at++) {
    for (const [close, opener] of Object.entries(brackets)) {
      if (text[at] === opener) open[close]!++
      if (text[at] === close) open[close]!--
    }
  }
  let end = to
  for (; end > from && closing.test(text[end - 1]!); end--) {
    const last = text[end - 1]!
    if (last in open) {
      if (open[last]! >= 0) break
      open[last]!++
    }
  }
  return end
}

function addressAround(text: string, at: number, from: number): ScannedRange | undefined {
  let begin = at
  while (begin > from && at - begin < longestMailbox && mailbox.test(text[begin - 1]!)) begin--
  while (begin < at && !/[A-Za-z0-9_]/.test(text[begin]!)) begin++
  domain.lastIndex = at + 1
  const found = begin < at && text[at - 1] !== '.' && domain.exec(text)
  if (!found || /^[\d.]+$/.test(found[0])) return
  const href = `mailto:${text.slice(begin, domain.lastIndex)}`
  return isSafeLink(href) ? { start: begin, end: domain.lastIndex, href } : undefined
}
