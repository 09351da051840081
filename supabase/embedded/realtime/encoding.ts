/** Converts a value from Postgres' text format (TimeZone UTC, ISO dates, hex bytea) to the JSON text that `to_jsonb` writes. */
export type Encoder = (text: string) => string

export interface TypeInfo {
  id: number
  /** pg_type.typtype: b base, c composite, d domain, e enum, r range … */
  kind: string
  /** pg_type.typcategory: A for arrays. */
  category: string
  delimiter: string | null
  element: number
  base: number
  attributes: { name: string; type: number }[] | null
}

export const quote: Encoder = text => JSON.stringify(text)

const number: Encoder = text => (/^-?\d/.test(text) ? text : quote(text))
const bool: Encoder = text => (text === 't' ? 'true' : 'false')
const json: Encoder = text => text
// Hosted Supabase reads changes through wal2json, which writes bytea without the \x prefix.
const bytea: Encoder = text => quote(text.startsWith('\\x') ? text.slice(2) : text)
const timestamp: Encoder = text => quote(text.replace(' ', 'T'))
const timestamptz: Encoder = text => quote(text.replace(' ', 'T').replace(/([+-]\d\d)(?=$| BC)/, '$1:00'))

const builtin = new Map<number, Encoder>([
  [20, number],
  [21, number],
  [23, number],
  [700, number],
  [701, number],
  [1700, number],
  [16, bool],
  [114, json],
  [3802, json],
  [17, bytea],
  [1114, timestamp],
  [1184, timestamptz],
  [25, quote],
  [1043, quote],
  [2950, quote],
  [1082, quote],
  [1083, quote],
  [1266, quote],
  [1186, quote],
  [26, quote]
])

/** @param types every type reachable from `id`, by OID */
export function getEncoder(id: number, types: Map<number, TypeInfo>): Encoder {
  const known = builtin.get(id)
  if (known) return known
  const type = types.get(id)
  if (!type) return quote
  if (type.kind === 'd') return getEncoder(type.base, types)
  if (type.kind === 'c' && type.attributes) {
    const attributes = type.attributes.map(({ name, type }) => ({ name: quote(name), encode: getEncoder(type, types) }))
    return text => encodeComposite(text, attributes)
  }
  if (type.category === 'A' && type.element !== 0) {
    const element = getEncoder(type.element, types)
    const delimiter = type.delimiter ?? ','
    return text => encodeArray(text, element, delimiter)
  }
  return quote
}

export function hasBuiltinEncoder(id: number): boolean {
  return builtin.has(id)
}

/** Parses array text such as `{1,NULL,"a,b",{…}}`, with optional bounds such as `[2:3]=` in front. */
function encodeArray(text: string, element: Encoder, delimiter: string): string {
  let at = text.indexOf('{') + 1
  const list = (): string => {
    const items: string[] = []
    while (text[at] !== '}') {
      if (text[at] === '{') {
        at++
        items.push(list())
      } else if (text[at] === '"') {
        items.push(element(quoted()))
      } else {
        const start = at
        while (text[at] !== delimiter && text[at] !== '}') at++
        const item = text.slice(start, at)
        items.push(item === 'NULL' ? 'null' : element(item))
      }
      if (text[at] === delimiter) at++
    }
    at++
    return `[${items.join(',')}]`
  }
  const quoted = (): string => {
    let value = ''
    for (at++; text[at] !== '"'; at++) {
      if (text[at] === '\\') at++
      value += text[at]
    }
    at++
    return value
  }
  return list()
}

/** Parses composite text such as `(1,"x, ""y""",)`. An empty field is null, and quotes are doubled. */
function encodeComposite(text: string, attributes: { name: string; encode: Encoder }[]): string {
  let at = 1
  const fields = attributes.map(({ name, encode }) => {
    let value: string | null = null
    while (at < text.length && text[at] !== ',' && text[at] !== ')') {
      value ??= ''
      if (text[at] === '"') {
        for (at++; text[at] !== '"' || text[at + 1] === '"'; at++) {
          if (text[at] === '"' || text[at] === '\\') at++
          value += text[at]
        }
      } else {
        value += text[at]
      }
      at++
    }
    at++
    return `${name}:${value === null ? 'null' : encode(value)}`
  })
  return `{${fields.join(',')}}`
}
