import { foldCharacter } from './fold'
import { slaMetrics, ticketChannels, ticketPriorities, ticketStatuses } from '../ticket'

/** A word (`crash` also matches `crashes`), a phrase (`"log in"` matches exactly), or either negated (`-crash`). */
export interface SearchTerm {
  text: string
  exact: boolean
  not: boolean
}

export type SearchKey = keyof typeof searchOperators

/** `key:value,value` matches any of the values; with `not`, none of them. */
export interface SearchOperator {
  key: SearchKey
  values: string[]
  not: boolean
}

/** All of `items` must match; an array of terms matches if any of them does. */
export interface SearchQuery {
  items: (SearchTerm[] | SearchOperator)[]
  /** The ticket that the whole query refers to; it is found in addition to matches of the words. */
  reference?: TicketReference
  /** Messages about invalid operator values, for the person who typed them. */
  issues: string[]
  /** Messages about incomplete parts. A list ignores them while somebody types; bulk operations, exports and saved views reject them. */
  unfinished: string[]
}

interface Operator {
  /** Shown beside the operator in suggestions. */
  hint: string
  /** The values to suggest, if they are few. */
  values?: readonly string[]
  /** Normalises a value; undefined if it is invalid. */
  read: (value: string) => string | undefined
  expects: string
}

const conditions = ['open', 'closed', 'unassigned', 'overdue', 'breaching', 'snoozed', 'unanswered'] as const
const severities = ['1', '2', '3', '4', '5'] as const
const slaResults = ['met', 'missed'] as const
const anyText = (value: string) => value
const day = (value: string) => (/^\d{4}-\d\d-\d\d$/.test(value) && !value.startsWith('0000') && isDay(value) ? value : undefined)

/** The operators of the search box, in the order of its suggestions. */
export const searchOperators = {
  status: {
    hint: 'Open, in progress, waiting, resolved or closed',
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
    hint: 'open, closed, unassigned, overdue, breaching, snoozed or unanswered',
    values: conditions,
    read: value => oneOf(conditions, value),
    expects: formatList(conditions)
  },
  due: {
    hint: 'SLA due within a time, such as <2h or <1d',
    values: ['<1h', '<4h', '<1d'],
    read: value => (/^<[1-9]\d{0,2}[mhd]$/i.test(value) ? value.toLowerCase() : undefined),
    expects: 'a time like <30m, <2h or <1d'
  },
  sla: {
    hint: 'An SLA clock was met or missed',
    values: slaResults,
    read: value => oneOf(slaResults, value),
    expects: formatList(slaResults)
  },
  metric: {
    hint: 'Of that clock: first_response, next_response or resolution',
    values: slaMetrics,
    read: value => oneOf(slaMetrics, value),
    expects: formatList(slaMetrics)
  },
  ended: { hint: 'When that clock ended: a day, or 2026-01-01..2026-01-31', read: days, expects: 'days like 2026-01-01..2026-01-31' },
  policy: { hint: "The name of that clock's policy", read: anyText, expects: 'a policy' },
  agent: { hint: 'Who met or missed it: me, none or a whole name', values: ['me', 'none'], read: anyText, expects: 'a name' },
  category: { hint: "A category's name", read: anyText, expects: 'a category' },
  tag: { hint: 'A tag of the ticket', read: value => value.normalize('NFC').toLowerCase(), expects: 'a tag' },
  project: { hint: "A project's name", read: anyText, expects: 'a project' },
  organization: { hint: 'The organization of the requester', read: anyText, expects: 'an organization' },
  tier: { hint: 'The tier of that organization', read: anyText, expects: 'a tier' },
  channel: {
    hint: 'How it arrived',
    values: ticketChannels,
    read: value => oneOf(ticketChannels, value),
    expects: formatList(ticketChannels)
  },
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

/** Maximum characters of a query. A pasted reference to a ticket, such as a mail subject with its prefixes, may be longer. */
export const maxTyped = 200
export const maxPasted = 2_000

/** Parses a query as typed. Never throws: anything that is not an operator is a search term. */
export function parseSearch(q: string): SearchQuery {
  q = q.replaceAll('\uFEFF', '') // JavaScript treats it as white space, Postgres does not
  const reference = ticketReference(q)
  // A pasted URL or mail subject is one term: its colons and quotation marks are not syntax.
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

/** Formats a query so that `parseSearch` returns the same query. */
export function formatSearch({ items }: SearchQuery): string {
  return items
    .map(item =>
      Array.isArray(item)
        ? item.map(({ text, exact, not }) => `${not ? '-' : ''}${exact ? `"${text}"` : text}`).join(' or ')
        : `${item.not ? '-' : ''}${item.key}:${item.values.map(value => (/[\s,]/.test(value) ? `"${value}"` : value)).join(',')}`
    )
    .join(' ')
}

/** The terms that are not negated, for highlighting matches. */
export function positiveTerms({ items }: SearchQuery): SearchTerm[] {
  return items.flatMap(item => (Array.isArray(item) ? item.filter(({ not }) => !not) : []))
}

const spelledOut: Record<string, string> = { ä: 'ae', ö: 'oe', ü: 'ue', å: 'aa', ø: 'oe' }

/**
 * Spellings of a term that folding does not cover: "Mueller" for "Müller", and a Persian word with a half-space also as two words,
 * or joined.
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

/** A ticket number, with the team if a URL contains one. */
export interface TicketReference {
  number: number
  /** The slug of the team. */
  team?: string
  /** Whether the text is a ticket URL or mail subject, rather than typed. */
  isPasted: boolean
}

const ticketUrlPattern = /(?<![\p{L}\p{N}])(?:tickets\?(?:[^\s#]{0,500}&)?ticket=|t\/([a-z0-9-]{1,100})\/)0*([1-9]\d{0,8})(?![\p{L}\p{N}])/u
const mailSubjectPattern = /\[#0*([1-9]\d{0,8})\]/
const numberPattern =
  /^["'«»„“”‚‘’‹›([{<*_\s]*(?:(?:tickets?|request|case|issue|number|num|no|nr|тикет|заявка|工单|チケット)[\s.:#]*)?(?:#\s*)?0*([1-9]\d{0,8})["'«»„“”‚‘’‹›)\]}>*_.,;:!?\s]*$/iu
const leadingNumberPattern = /^["'“„«([\s]*#0*([1-9]\d{0,8})[\])\s]*\s/

/**
 * The ticket that a text refers to, in any form that we print or people write: 577, #0577, [#577], "ticket 577", its URL, the
 * subject of a mail about it with any prefixes, its number and title. Accepts digits of all scripts.
 */
export function ticketReference(text: string): TicketReference | undefined {
  const plain = text
    .trim()
    .normalize('NFKC')
    .replace(/[^\0-\x7F]/gu, character => (/\p{Nd}/u.test(character) ? foldCharacter(character) : character))
  const address = ticketUrlPattern.exec(plain)
  if (address) return { number: Number(address[2]), ...(address[1] !== undefined && { team: address[1] }), isPasted: true }
  const subject = mailSubjectPattern.exec(plain)
  if (subject && plain !== subject[0]) return { number: Number(subject[1]), isPasted: true }
  const number = (numberPattern.exec(plain) ?? leadingNumberPattern.exec(plain))?.[1]
  return number === undefined ? undefined : { number: Number(number), isPasted: false }
}

/** The number of the ticket that a text refers to; see `ticketReference`. */
export function searchedNumber(text: string): number | undefined {
  return ticketReference(text)?.number
}

// Punctuation around a word. The rest may contain signs that belong to a name: C++, C#, .NET, node.js, 24", a/b.
const before = /^[\s"'“”„«»‚‘’‹›([{<¿¡@#&*_,;:!?-]+/u
const after = /(?:(?<!\d)["”″]|[\s'“„«»‚‘’‹›)\]}>.,;:!?%€$£°_-])+$/u
const meaningful = /[+#./\\@&|^~=*<>:"″”§$€£%]/u

/** The words of a term that a text must contain literally, because folding would not distinguish C++ from C. */
export function literalsOf(text: string): string[] {
  return text
    .split(/\s+/u)
    .map(word => word.normalize('NFKC').replace(before, '').replace(after, ''))
    .filter(word => meaningful.test(word) && /[\p{L}\p{N}]/u.test(word))
}

/** The operator with its valid values; empty if none is valid. */
function checkOperator({ key, values, not }: SearchOperator, issues: string[]): SearchOperator[] {
  const operator: Operator = searchOperators[key]
  const read = new Set<string>()
  for (const value of values) {
    const parsed = operator.read(value)
    if (parsed === undefined) issues.push(`“${value}” is not a value of ${key}: – use ${operator.expects}`)
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
      else unfinished.push(`“${minus}${key}:” has no value – use ${searchOperators[key].expects}`)
    } else if (name !== undefined) {
      // Not an operator: take the word as it is, up to the next space.
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

// "In progress", "in-progress" and "in_progress" are equal.
function oneOf<const T extends readonly string[]>(values: T, value: string): T[number] | undefined {
  const wanted = value.toLowerCase().replace(/[\s-]+/g, '_')
  return values.find(known => known === wanted)
}

function formatList(values: readonly string[]): string {
  return `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`
}

/** A day, or the first and the last day of a period. */
function days(value: string): string | undefined {
  const [first, last, ...rest] = value.split('..')
  if (day(first!) === undefined || (last !== undefined && day(last) === undefined) || rest.length > 0) return undefined
  return last === undefined || last >= first! ? value : undefined
}

function isDay(value: string): boolean {
  const time = Date.parse(`${value}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value)
}
