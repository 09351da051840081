/** One condition of a subscription, `column=operator.value`. */
export interface Filter {
  column: string
  operator: Operator
  negated: boolean
  value: string | string[]
}

/** A filter that the database accepted for its table. */
export interface CheckedFilter extends Filter {
  type: string
  collation: string | null
  /** The value in the text format of the column's type, for comparison with replicated text. */
  canonical: string | string[]
}

const operators = ['eq', 'neq', 'lt', 'lte', 'gt', 'gte', 'in', 'like', 'ilike', 'match', 'imatch', 'is', 'isdistinct'] as const
export type Operator = (typeof operators)[number]

export class FilterError extends Error {}

const maxInValues = 100

/** Parses `col=op.value[,col=op.value…]`; a comma means AND. @throws FilterError */
export function parseFilters(text: string): Filter[] {
  if (text.trim() === '') return []
  return splitOutside(text).map(parseFilter)
}

// Types whose values are equal when their replicated text is equal. Replication sends booleans as t and f, see spellOut().
const typesComparedAsText = new Set(['smallint', 'integer', 'bigint', 'boolean', 'uuid', 'text', 'character varying'])

/** Evaluates a filter on replicated text; undefined when only Postgres can decide. SQL null semantics: unknown is no match. */
export function matchLocally(filter: CheckedFilter, value: string | null): boolean | undefined {
  const result = matchValue(filter, value !== null && filter.type === 'boolean' ? spellOut(value) : value)
  return result !== undefined && filter.negated ? negate(filter, value, result) : result
}

function matchValue(filter: CheckedFilter, value: string | null): boolean | undefined {
  const { operator, canonical } = filter
  if (operator === 'is' && canonical === 'null') return value === null
  if (value === null) return operator === 'isdistinct' ? true : operator === 'is' ? undefined : false
  if (!typesComparedAsText.has(filter.type) || filter.collation) return undefined
  if (operator === 'eq') return value === canonical
  if (operator === 'neq' || operator === 'isdistinct') return value !== canonical
  if (operator === 'in') return canonical.includes(value)
  return undefined
}

function spellOut(bool: string): string {
  return bool === 't' ? 'true' : 'false'
}

function negate(filter: CheckedFilter, value: string | null, result: boolean): boolean {
  const isUnknown = value === null && filter.operator !== 'is' && filter.operator !== 'isdistinct'
  return isUnknown ? false : !result
}

function parseFilter(text: string): Filter {
  const equals = text.indexOf('=')
  if (text.trim() === '') throw new FilterError('filter must not contain empty segments (check for extra commas)')
  if (equals < 1) throw new FilterError(JSON.stringify([text]).replaceAll('","', '", "'))
  const column = text.slice(0, equals).trim()
  let rest = text.slice(equals + 1)
  const negated = rest.startsWith('not.')
  if (negated) rest = rest.slice(4)
  const dot = rest.indexOf('.')
  const operator = operators.find(name => name === rest.slice(0, dot))
  if (dot < 0 || !operator) throw new FilterError(`["${column}", "${rest}"]`)
  const value = rest.slice(dot + 1)
  if (operator !== 'in') return { column, operator, negated, value: unquote(value) }
  if (!value.startsWith('(') || !value.endsWith(')')) throw new FilterError('`in` filter value must be wrapped by parentheses')
  const values = value === '()' ? [] : splitOutside(value.slice(1, -1)).map(unquote)
  if (values.length > maxInValues) throw new FilterError(`\`in\` filter accepts at most ${maxInValues} values`)
  return { column, operator, negated, value: values }
}

/** Splits at commas outside parentheses and quotes. A quote opens only at the start of a value. */
function splitOutside(text: string): string[] {
  const parts: string[] = []
  let start = 0
  let depth = 0
  let isQuoted = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (isQuoted) {
      if (char === '\\') at++
      else if (char === '"') isQuoted = false
    } else if (char === '"' && (at === 0 || '.(,'.includes(text[at - 1] ?? ''))) {
      isQuoted = true
    } else if (char === '(') {
      depth++
    } else if (char === ')') {
      depth--
    } else if (char === ',' && depth <= 0) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

function unquote(value: string): string {
  const isQuoted = value.length >= 2 && value.startsWith('"') && value.endsWith('"')
  return isQuoted ? value.slice(1, -1).replace(/\\(.)/gs, '$1') : value
}
