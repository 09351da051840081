/** What a canned response may refer to; nothing else is ever looked up. */
export const placeholderNames = ['requester.name', 'ticket.number', 'ticket.subject', 'agent.name', 'team.name'] as const

export type PlaceholderName = (typeof placeholderNames)[number]

export type PlaceholderValues = Partial<Record<PlaceholderName, string | null>>

export interface Placeholder {
  /** As written, with its braces. */
  source: string
  name: string
  isKnown: boolean
  /** Where `source` starts in the text. */
  start: number
}

// A name, and after a bar what stands in for an empty value. Braces and line breaks end the attempt: one pass, however long the text.
const pattern = /\{\{[^\S\n]*([^{}|\s][^{}|\n]*)(?:\|([^{}\n]*))?\}\}/g

/** Every `{{name}}` and `{{name|fallback}}` of `text` in order, known or not. */
export function findPlaceholders(text: string): Placeholder[] {
  return [...text.matchAll(pattern)].map(({ 0: source, 1: written, index }) => {
    const name = written!.trim()
    return { source, name, isKnown: isPlaceholderName(name), start: index }
  })
}

/**
 * `text` with its placeholders filled in, in one pass: what a value contains is never looked at again, and stands in
 * Markdown as the plain text it is. A known name without a value takes its fallback; without a fallback, and for
 * any other name, the placeholder stays as it was written.
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

// Control characters would break the line, and directional ones would turn round the text that follows.
const unprintable = /[\p{Cc}\s\u2028\u2029]+/gu
const directional = /[\u202A-\u202E\u2066-\u2069]/g

// What Markdown reads as formatting anywhere in a line: code, emphasis, links, tags, tables, braces of placeholders; then entities, and addresses.
const special = /[\\`*[\]<{}|~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|&(?=#|\w*;|$)|:(?=\/\/|$)/gu
// What begins a block when the value stands at the beginning of a line.
const leading = /^(?:[-+=>]|#{1,6}(?=\s|$))/
const numbering = /^(\d{1,9})([.)])/

/** One line of plain text as Markdown that reads the same. */
function asMarkdown(value: string | null | undefined): string {
  return (value ?? '')
    .replace(directional, '')
    .replace(unprintable, ' ')
    .trim()
    .replace(special, '\\$&')
    .replace(leading, '\\$&')
    .replace(numbering, '$1\\$2')
}
