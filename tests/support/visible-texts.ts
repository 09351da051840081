import { ratingCatalogue } from '#shared/texts/rating'
import { portalTexts } from '#shared/texts/portal'

/** A sentence of a catalogue. Its parameters are groups of the pattern. */
interface Sentence {
  key: string
  pattern: RegExp
}

const marker = '\u0001'
const attributes =
  /\s(?:aria-label|title|placeholder|alt|data-(?:news|sending|sent|not-sent|too-many|too-large|progress|one|many))="([^"]*)"/g

/** All that a reader of a page sees or hears: its title, its texts, and the attributes that are read out or that the script shows. */
export function visibleTexts(html: string): string[] {
  const title = /<title>([^<]*)<\/title>/.exec(html)?.[1] ?? ''
  const body = (/<body[^]*<\/body>/.exec(html)?.[0] ?? '').replace(/<!--[^]*?-->|<(script|style)\b[^]*?<\/\1>/g, '')
  // The parts of a title are joined in one place for all pages.
  const texts = [...title.split(' · '), ...body.split(/<[^>]*>/), ...Array.from(body.matchAll(attributes), match => match[1]!)]
  return texts
    .map(text =>
      decode(text)
        .replace(/[\u2068\u2069]/g, '')
        .trim()
    )
    .filter(text => /\p{L}/u.test(text))
}

/** All German sentences that clients read on pages. */
export function germanSentences(): Sentence[] {
  const rating = Object.entries(ratingCatalogue.de).map(([key, text]) => sentence(`rating.${key}`, text.replace(/\{\w+\}/g, marker)))
  return [...sentencesOf('portal', portalTexts('de')), ...rating]
}

/**
 * The texts that are neither a sentence nor `data`, which are texts of people and machines. What fills a parameter must be one of both, too.
 * Adds the keys of the sentences to `seen`.
 */
export function foreignTexts(
  html: string,
  { sentences, data, seen }: { sentences: Sentence[]; data: RegExp[]; seen: Set<string> }
): string[] {
  return visibleTexts(html).filter(text => !isKnown(text))

  function isKnown(text: string): boolean {
    if (!/\p{L}/u.test(text) || data.some(pattern => pattern.test(text))) return true
    const found = sentences.filter(({ pattern }) => pattern.exec(text)?.slice(1).every(isKnown))
    for (const { key } of found) seen.add(key)
    return found.length > 0
  }
}

function sentencesOf(key: string, value: unknown): Sentence[] {
  if (typeof value === 'string') return [sentence(key, value)]
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, inner]) => sentencesOf(`${key}.${name}`, inner))
  const write = value as (...parameters: unknown[]) => string
  // Numbers choose between forms.
  const forms = new Set([write(marker, marker), ...[0, 1, 2, 5].map(count => write(count, marker))])
  return [...forms].map(form => sentence(key, form))
}

function sentence(key: string, text: string): Sentence {
  const pattern = text
    .split(marker)
    .map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('(.+?)')
  return { key, pattern: new RegExp(`^${pattern}$`, 's') }
}

function decode(text: string): string {
  const names: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' }
  return text.replace(/&(?:#(\d+)|(\w+));/g, (whole, code?: string, name?: string) =>
    code ? String.fromCodePoint(Number(code)) : (names[name!] ?? whole)
  )
}
