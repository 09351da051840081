import { foldCharacter } from './fold'
import { ticketPriorities, ticketStatuses } from '../ticket'

/** A word (`crash`: also what begins so) or a phrase (`"log in"`: exactly so), or what must not occur (`-crash`). */
export interface SearchTerm {
  text: string
  exact: boolean
  not: boolean
}

export type SearchKey = keyof typeof searchOperators

/** `key:value,value`: any of the values; with `not`, none of them. */
export interface SearchOperator {
  key: SearchKey
  values: string[]
  not: boolean
}

/** All of `items` must hold; of the terms of one item, any. */
export interface SearchQuery {
  items: (SearchTerm[] | SearchOperator)[]
  /** The ticket that the whole of it names, beside whatever else holds its words. */
  reference?: TicketReference
  /** What is wrong with the values of operators, each as a sentence for the one who typed it. */
  issues: string[]
  /** What says nothing yet, as a sentence each: fine while somebody types, and no ground to change or keep what is found. */
  unfinished: string[]
}

interface Operator {
  /** What a person reads beside it. */
  hint: string
  /** The values that there are, where they are few. */
  values?: readonly string[]
  /** The value as it is compared; undefined where it is none. */
  read: (value: string) => string | undefined
  expects: string
}

const conditions = ['open', 'closed', 'unassigned', 'overdue', 'snoozed'] as const
const severities = ['1', '2', '3', '4', '5'] as const
const anyText = (value: string) => value
const day = (value: string) => (/^\d{4}-\d\d-\d\d$/.test(value) && !value.startsWith('0000') && isDay(value) ? value : undefined)

/** The operators of the search box, in the order in which it offers them. */
export const searchOperators = {
  status: {
    hint: 'Where it stands',
    values: ticketStatuses,
    read: value => oneOf(ticketStatuses, value),
    expects: formatList(ticketStatuses)
  },
  assignee: { hint: 'me, none, a name or an e-mail address', values: ['me', 'none'], read: anyText, expects: 'a name' },
  priority: {
    hint: 'How urgent it is',
    values: ticketPriorities,
    read: value => oneOf(ticketPriorities, value),
    expects: formatList(ticketPriorities)
  },
  severity: { hint: '1 (worst) to 5', values: severities, read: value => severities.find(known => known === value), expects: '1 to 5' },
  is: {
    hint: 'open, closed, unassigned, overdue or snoozed',
    values: conditions,
    read: value => oneOf(conditions, value),
    expects: formatList(conditions)
  },
  category: { hint: "A category's name", read: anyText, expects: 'a category' },
  tag: { hint: 'A label', read: value => value.normalize('NFC').toLowerCase(), expects: 'a tag' },
  requester: { hint: 'A name or an e-mail address', read: anyText, expects: 'a name' },
  author: { hint: 'Who created it: me, a name or an e-mail address', values: ['me'], read: anyText, expects: 'a name' },
  before: { hint: 'Created before this day', read: day, expects: 'a date like 2026-01-31' },
  after: { hint: 'Created on this day or later', read: day, expects: 'a date like 2026-01-31' },
  has: {
    hint: 'attachment',
    values: ['attachment'],
    read: value => (/^attachments?$/i.test(value) ? 'attachment' : undefined),
    expects: 'attachment'
  }
} as const satisfies Record<string, Operator>

const otherNames: Record<string, SearchKey> = { sev: 'severity' }

/** Longer queries cost more than they find; what is pasted to name a ticket, a mail's subject with its prefixes, may be longer. */
export const maxTyped = 200
export const maxPasted = 2_000

/** Reads what a person typed. Never throws: what is no operator is text to look for. */
export function parseSearch(q: string): SearchQuery {
  q = q.replaceAll('\uFEFF', '') // counts as white space in JavaScript alone
  const reference = ticketReference(q)
  // A pasted address or mail subject is no query: a colon or a quotation mark in it is part of it.
  if (reference && (reference.isPasted || q.length > maxTyped))
    return {
      items: [[{ text: q.trim().slice(0, maxTyped).toWellFormed(), exact: false, not: false }]],
      reference,
      issues: [],
      unfinished: []
    }
  const query: SearchQuery = { items: [], ...(reference && { reference }), issues: [], unfinished: [] }
  const tokens = tokenize(q, query.unfinished).flatMap<SearchTerm | SearchOperator>(token =>
    isTerm(token) ? [token] : checkOperator(token, query.issues)
  )
  for (let at = 0; at < tokens.length; at++) {
    const [before, token, after] = [tokens[at - 1], tokens[at]!, tokens[at + 1]]
    const group = query.items.at(-1)
    if (!isTerm(token)) {
      query.items.push(token)
    } else if (isOr(token) && isTerm(before) && isTerm(after) && Array.isArray(group)) {
      group.push(after)
      at += 1
    } else {
      query.items.push([token])
    }
  }
  return query
}

/** The query as text that `parseSearch` reads as the same query. */
export function formatSearch({ items }: SearchQuery): string {
  return items
    .map(item =>
      Array.isArray(item)
        ? item.map(({ text, exact, not }) => `${not ? '-' : ''}${exact ? `"${text}"` : text}`).join(' or ')
        : `${item.not ? '-' : ''}${item.key}:${item.values.map(value => (/[\s,]/.test(value) ? `"${value}"` : value)).join(',')}`
    )
    .join(' ')
}

/** The terms that what is found holds: for marking them in it. */
export function wantedTerms({ items }: SearchQuery): SearchTerm[] {
  return items.flatMap(item => (Array.isArray(item) ? item.filter(({ not }) => !not) : []))
}

const spelledOut: Record<string, string> = { ä: 'ae', ö: 'oe', ü: 'ue', å: 'aa', ø: 'oe' }

/**
 * What a term may be written as, beside what folding makes one: "Müller" also "Mueller", and a word with a half-space
 * also as two words, or joined.
 */
export function termForms(text: string): string[] {
  const composed = text.normalize('NFC')
  const spelled = composed.replace(/[äöüåø]/giu, letter => spelledOut[letter.toLowerCase()]!)
  const spaced = composed.replace(/(?<=\p{L})\u200c(?=\p{L})/gu, ' ')
  const joined = composed
    .replace(/(?<!\p{L})(ن?م[یي]) (?=\p{Script=Arabic})/gu, '$1')
    .replace(/(?<=\p{Script=Arabic}) (?=(?:ها[یي]{0,2}|تر(?:[یي]ن)?)(?!\p{L}))/gu, '')
  return [text, ...new Set([spelled, spaced, joined].filter(form => form !== composed))]
}

/** A ticket by its number, and by the team where an address names one. */
export interface TicketReference {
  number: number
  /** The slug of the team. */
  team?: string
  /** It is an address of a ticket or the subject of a mail, and not what somebody typed. */
  isPasted: boolean
}

const addressed = /(?<![\p{L}\p{N}])(?:tickets\?(?:[^\s#]{0,500}&)?ticket=|t\/([a-z0-9-]{1,100})\/)0*([1-9]\d{0,8})(?![\p{L}\p{N}])/u
const inSubject = /\[#0*([1-9]\d{0,8})\]/
const counted =
  /^["'«»„“”‚‘’‹›([{<*_\s]*(?:(?:tickets?|request|case|issue|number|num|no|nr|тикет|заявка|工单|チケット)[\s.:#]*)?(?:#\s*)?0*([1-9]\d{0,8})["'«»„“”‚‘’‹›)\]}>*_.,;:!?\s]*$/iu
const beginning = /^["'“„«([\s]*#0*([1-9]\d{0,8})[\])\s]*\s/

/**
 * The ticket that a text names, in any form in which we print it or people write it: 577, #0577, [#577], "ticket 577", its
 * address, the subject of a mail about it with any prefixes, its number and title. Digits of all scripts count.
 */
export function ticketReference(text: string): TicketReference | undefined {
  const plain = text
    .trim()
    .normalize('NFKC')
    .replace(/[^\0-\x7F]/gu, character => (/\p{Nd}/u.test(character) ? foldCharacter(character) : character))
  const address = addressed.exec(plain)
  if (address) return { number: Number(address[2]), ...(address[1] !== undefined && { team: address[1] }), isPasted: true }
  const subject = inSubject.exec(plain)
  if (subject && plain !== subject[0]) return { number: Number(subject[1]), isPasted: true }
  const number = (counted.exec(plain) ?? beginning.exec(plain))?.[1]
  return number === undefined ? undefined : { number: Number(number), isPasted: false }
}

/** The number of the ticket that a text names and nothing else, or undefined; see `ticketReference`. */
export function searchedNumber(text: string): number | undefined {
  return ticketReference(text)?.number
}

// What a sentence puts around a word. What is left may hold signs that are part of its name: C++, C#, .NET, node.js, 24", a/b.
const before = /^[\s"'“”„«»‚‘’‹›([{<¿¡@#&*_,;:!?-]+/u
const after = /(?:(?<!\d)["”″]|[\s'“„«»‚‘’‹›)\]}>.,;:!?%€$£°_-])+$/u
const meaningful = /[+#./\\@&|^~=*<>:"″”§$€£%]/u

/** The words of a term whose signs count, as they must stand in a text: letters and digits alone do not tell C++ from C. */
export function literalsOf(text: string): string[] {
  return text
    .split(/\s+/u)
    .map(word => word.normalize('NFKC').replace(before, '').replace(after, ''))
    .filter(word => meaningful.test(word) && /[\p{L}\p{N}]/u.test(word))
}

/** The operator with the values that it knows, or nothing where it knows none of them. */
function checkOperator({ key, values, not }: SearchOperator, issues: string[]): SearchOperator[] {
  const operator: Operator = searchOperators[key]
  const read = new Set<string>()
  for (const value of values) {
    const parsed = operator.read(value)
    if (parsed === undefined) issues.push(`“${value}” is no value of ${key}: – it takes ${operator.expects}`)
    else read.add(parsed)
  }
  return read.size > 0 ? [{ key, values: [...read], not }] : []
}

function isTerm(token: SearchTerm | SearchOperator | undefined): token is SearchTerm {
  return token !== undefined && 'text' in token
}

function isOr({ text, exact, not }: SearchTerm): boolean {
  return !exact && !not && text.toLowerCase() === 'or'
}

function tokenize(q: string, unfinished: string[]): (SearchTerm | SearchOperator)[] {
  const tokens: (SearchTerm | SearchOperator)[] = []
  const rest = /\s*(-?)(?:(\p{L}+):((?:["“”„][^"“”„]*["“”„]?|[^\s,"“”„]+|,)*)|["“”„]([^"“”„]*)["“”„]?|(\S+))/uy
  for (let found = rest.exec(q); found; found = rest.exec(q)) {
    const [whole, minus, name, list, phrase, word] = found
    const key = name === undefined ? undefined : keyOf(name)
    if (key) {
      const values = (list!.match(/["“”„][^"“”„]*["“”„]?|[^\s,"“”„]+/gu) ?? [])
        .map(value => value.replace(/["“”„]/gu, '').trim())
        .filter(Boolean)
      if (values.length > 0) tokens.push({ key, values, not: minus === '-' })
      else unfinished.push(`“${minus}${key}:” has no value – it takes ${searchOperators[key].expects}`)
    } else if (name !== undefined) {
      // No operator of ours: the word as it stands, up to the next space.
      const start = rest.lastIndex - whole.trimStart().length
      const text = /^\S+/u.exec(q.slice(start))![0]
      rest.lastIndex = start + text.length
      tokens.push(
        text.length > 1 && text.startsWith('-') ? { text: text.slice(1), exact: false, not: true } : { text, exact: false, not: false }
      )
    } else if (phrase !== undefined) {
      if (phrase.trim()) tokens.push({ text: phrase.trim(), exact: true, not: minus === '-' })
      else unfinished.push('There is nothing between the quotation marks')
    } else {
      tokens.push({ text: word!, exact: false, not: minus === '-' })
    }
  }
  return tokens
}

function keyOf(name: string): SearchKey | undefined {
  const lower = name.toLowerCase()
  return Object.hasOwn(otherNames, lower) ? otherNames[lower] : Object.hasOwn(searchOperators, lower) ? (lower as SearchKey) : undefined
}

// "In progress", "in-progress" and "in_progress" are one.
function oneOf<const T extends readonly string[]>(values: T, value: string): T[number] | undefined {
  const wanted = value.toLowerCase().replace(/[\s-]+/g, '_')
  return values.find(known => known === wanted)
}

function formatList(values: readonly string[]): string {
  return `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`
}

function isDay(value: string): boolean {
  const time = Date.parse(`${value}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value)
}
