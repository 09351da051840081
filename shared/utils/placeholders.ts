/** The placeholders of canned responses; no other name is looked up. */
export const placeholderNames = ['requester.name', 'ticket.number', 'ticket.subject', 'agent.name', 'team.name'] as const

export type PlaceholderName = (typeof placeholderNames)[number]

export type PlaceholderValues = Partial<Record<PlaceholderName, string | null>>

export interface Placeholder {
  /** The text as written, with its braces. */
  source: string
  name: string
  isKnown: boolean
  /** The index of `source` in the text. */
  start: number
}

// A name, and after a bar the fallback for an empty value. Braces and line breaks end the match, so that matching takes linear time.
const pattern = /\{\{[^\S\n]*([^{}|\s][^{}|\n]*)(?:\|([^{}\n]*))?\}\}/g

/** Every `{{name}}` and `{{name|fallback}}` of `text` in order, including unknown names. */
export function findPlaceholders(text: string): Placeholder[] {
  return [...text.matchAll(pattern)].map(({ 0: source, 1: written, index }) => {
    const name = written!.trim()
    return { source, name, isKnown: isPlaceholderName(name), start: index }
  })
}

/**
 * Fills in the placeholders of `text` in one pass: placeholders inside values are not expanded, and values are escaped for
 * Markdown. A known name without a value gets its fallback. Without a fallback, and for unknown names, the placeholder stays.
 */
export function fillPlaceholders(text: string, values: PlaceholderValues): string {
  return text.replace(pattern, (source: string, written: string, fallback: string | undefined) => {
    const name = written.trim()
    if (!isPlaceholderName(name)) return source
    return asMarkdown(Object.hasOwn(values, name) ? values[name] : null) || (fallback?.trim() ?? source)
  })
}

function isPlaceholderName(name: string): name is PlaceholderName {
  return (placeholderNames as readonly string[]).includes(name)
}

// Control characters would break the line; directional ones would reverse the text that follows.
const unprintable = /[\p{Cc}\s\u2028\u2029]+/gu
const directional = /[\u202A-\u202E\u2066-\u2069]/g

// Markdown syntax anywhere in a line: code, emphasis, links, tags, tables; also placeholder braces, entities and URLs.
const special = /[\\`*[\]<{}|~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|&(?=#|\w*;|$)|:(?=\/\/|$)/gu
// Block syntax, if the value is at the start of a line.
const leading = /^(?:[-+=>]|#{1,6}(?=\s|$))/
const numbering = /^(\d{1,9})([.)])/

/** Escapes plain text for Markdown, on one line. */
export function asMarkdown(value: string | null | undefined): string {
  return (value ?? '')
    .replace(directional, '')
    .replace(unprintable, ' ')
    .trim()
    .replace(special, '\\$&')
    .replace(leading, '\\$&')
    .replace(numbering, '$1\\$2')
}
