import { setImmediate } from 'node:timers/promises'

const pieceLength = 100_000
const fewRows = 10

/**
 * The JSON of an answer with many rows, in pieces, so that the event loop serves other requests in between: 1,000 tickets of 50,000
 * characters take a second. Undefined for an answer without a long list: use JSON.stringify().
 */
export function stringifyInPieces(body: unknown): AsyncGenerator<string> | undefined {
  if (isLong(body)) return joinPieces(elements(body))
  if (isRecord(body) && Object.values(body).some(isLong)) return joinPieces(members(body))
}

async function* joinPieces(parts: Generator<string>): AsyncGenerator<string> {
  let piece = ''
  for (const part of parts) {
    piece += part
    if (piece.length < pieceLength) continue
    yield piece
    piece = ''
    await setImmediate()
  }
  yield piece
}

function* elements(list: unknown[]): Generator<string> {
  for (const [at, element] of list.entries()) yield `${at === 0 ? '[' : ','}${JSON.stringify(element) ?? 'null'}`
  yield list.length === 0 ? '[]' : ']'
}

function* members(record: Record<string, unknown>): Generator<string> {
  let before = '{'
  for (const [name, value] of Object.entries(record)) {
    const text = isLong(value) ? '' : (JSON.stringify(value) as string | undefined)
    if (text === undefined) continue
    yield `${before}${JSON.stringify(name)}:${text}`
    if (isLong(value)) yield* elements(value)
    before = ','
  }
  yield '}'
}

/** Whether h3 would answer the value as JSON, and it is a list or an object. */
export function isJson(value: unknown): value is object {
  return Array.isArray(value) || isRecord(value)
}

function isLong(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length >= fewRows
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
