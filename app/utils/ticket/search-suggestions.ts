import type { SearchKey } from '#shared/utils/search-query'
import { searchOperators } from '#shared/utils/search-query'

/** A suggestion at the cursor: `text` replaces the range `from` to `to`. */
export interface SearchSuggestion {
  label: string
  hint?: string
  text: string
  from: number
  to: number
}

export interface SearchNames {
  members: { full_name: string }[]
  categories: { name: string }[]
}

const maxSuggestions = 8

/** Suggests operators that start with the word before the cursor, or values for the operator being typed. */
export function searchSuggestions(text: string, cursor: number, names: SearchNames): SearchSuggestion[] {
  const [, minus, word] = /(?:^|\s)(-?)((?:\p{L}+:(?:[^\s",]*,)*"[^"]*)|[^\s"]*)$/u.exec(text.slice(0, cursor)) ?? []
  const before = text.slice(0, cursor - (word?.length ?? 0))
  if (word === undefined || before.split('"').length % 2 === 0) return [] // inside a quoted phrase
  const [key, value] = split(word)
  if (value === undefined) {
    return Object.entries(searchOperators)
      .filter(([name]) => name.startsWith(key.toLowerCase()) && (key !== '' || minus !== '' || text === ''))
      .map(([name, { hint }]) => ({ label: `${name}:`, hint, text: `${name}:`, from: cursor - word.length, to: cursor }))
      .slice(0, key === '' ? Infinity : maxSuggestions)
  }
  const lastValue = value.split(',').at(-1)!
  const wanted = lastValue.replace(/^"/, '').toLowerCase()
  return valuesOf(key.toLowerCase(), names)
    .filter(
      known =>
        known
          .toLowerCase()
          .split(/\s+/)
          .some((_, index, words) => words.slice(index).join(' ').startsWith(wanted)) && known.toLowerCase() !== wanted
    )
    .slice(0, maxSuggestions)
    .map(known => ({ label: known, text: `${/[\s,]/.test(known) ? `"${known}"` : known} `, from: cursor - lastValue.length, to: cursor }))
}

function split(word: string): [string, string | undefined] {
  const colon = word.indexOf(':')
  return colon < 0 ? [word, undefined] : [word.slice(0, colon), word.slice(colon + 1)]
}

function valuesOf(key: string, { members, categories }: SearchNames): string[] {
  const operator = Object.hasOwn(searchOperators, key)
    ? searchOperators[key as SearchKey]
    : key === 'sev'
      ? searchOperators.severity
      : undefined
  if (!operator) return []
  const known: readonly string[] = 'values' in operator ? operator.values : []
  if (key === 'assignee' || key === 'author') return [...known, ...members.map(member => member.full_name)]
  return key === 'category' ? categories.map(category => category.name) : [...known]
}
