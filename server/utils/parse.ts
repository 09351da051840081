import type { H3Event } from 'h3'
import { z } from '#shared/schemas/zod'
import { uuid } from '#shared/schemas/text'
import { notFound as refuseAsNotFound } from '../domain/refusal'

// The longest valid body is a ticket of 50,000 characters of four bytes, with room for escapes.
export const maxBodyBytes = 400_000
const maxIssues = 50
// The longest list of a valid body has 10,000 ids, and valid bodies have four levels. Larger ones are refused before the schema reads them.
const maxMembers = 20_000
const maxDepth = 16

const noQuery = z.strictObject({})

/** The JSON body, parsed by `schema`. Throws 415 for another content type, 413 over `maxBodyBytes`, 400 with `data.issues`. */
export async function parseBody<T extends z.ZodType>(event: H3Event, schema: T): Promise<z.output<T>> {
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(getHeader(event, 'content-type') ?? '')) {
    throw failure(415, 'content_type', 'Send JSON as application/json in UTF-8')
  }
  const bytes = await readBytes(event, maxBodyBytes)
  return check(schema, parseJson(bytes))
}

/** The query string, parsed by `schema`. Throws 400 with `data.issues`. */
export function parseQuery<T extends z.ZodType>(event: H3Event, schema: T): z.output<T> {
  event.context.isQueryRead = true
  return check(schema, getQuery(event))
}

/** Throws 400 for any query parameter on a route that has not called `parseQuery`. */
export function refuseUnreadQuery(event: H3Event): void {
  if (!event.context.isQueryRead) parseQuery(event, noQuery)
}

/** A path parameter that must be a UUID; 404 for anything else. */
export function uuidParam(event: H3Event, name: string): string {
  const parsed = uuid.safeParse(getRouterParam(event, name, { decode: true }))
  if (!parsed.success) throw notFound()
  return parsed.data.toLowerCase()
}

/** The domain's 404, for routes. */
export function notFound() {
  const { statusCode, code, message } = refuseAsNotFound()
  return failure(statusCode, code, message)
}

/** Reads the body. Throws 413 as soon as it exceeds `limit` bytes, whatever Content-Length says, and 400 when it ends too early. */
export async function readBytes(event: H3Event, limit: number): Promise<Buffer> {
  const tooLarge = failure(413, 'too_large', `Send at most ${Math.floor(limit / 1000)} kB`)
  if (Number(getHeader(event, 'content-length') ?? 0) > limit) throw tooLarge
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of event.node.req as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > limit) throw tooLarge
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof Error && 'code' in error && error.code === 'ECONNRESET'
      ? failure(400, 'malformed', 'The body ended too early')
      : error
  }
  const bytes = Buffer.concat(chunks)
  event.context.bodyLength = bytes.length
  hashBody(event, bytes)
  return bytes
}

function parseJson(bytes: Buffer): unknown {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw failure(400, 'malformed', 'The body is not valid JSON in UTF-8')
  }
  if (isExcessive(value))
    throw failure(400, 'malformed', `The body holds a list or an object of more than ${maxMembers} values, or more than ${maxDepth} levels`)
  return value
}

function isExcessive(value: unknown, depth = 1): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depth > maxDepth) return true
  const members = Array.isArray(value) ? (value as unknown[]) : Object.values(value)
  return members.length > maxMembers || members.some(member => isExcessive(member, depth + 1))
}

function check<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  // A body can cause 100,000 issues.
  const issues = parsed.error.issues
    .slice(0, maxIssues)
    .flatMap(issue =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.slice(0, maxIssues).map(key => ({ path: [...issue.path, key].join('.').slice(0, 200), message: 'Unknown field' }))
        : [{ path: issue.path.join('.'), message: issue.message }]
    )
  throw failure(400, 'invalid', issues[0]?.message ?? 'Invalid input', { issues })
}

/** The `token` of the path, parsed by `schema`; 404 for anything else. */
export function tokenParam<T extends z.ZodType<string>>(event: H3Event, schema: T): string {
  return param(event, 'token', schema)
}

/** A path parameter, parsed by `schema`; 404 for anything else. */
export function param<T extends z.ZodType<string>>(event: H3Event, name: string, schema: T): z.output<T> {
  const parsed = schema.safeParse(getRouterParam(event, name, { decode: true }))
  if (!parsed.success) throw notFound()
  return parsed.data
}

/** The version in `If-Match: "7"`; undefined without the header. Throws 400 when the header holds no version. */
export function ifMatch(event: H3Event): number | undefined {
  const header = getHeader(event, 'if-match')
  if (header === undefined) return
  const version = /^"?(\d{1,9})"?$/.exec(header)?.[1]
  if (!version) throw failure(400, 'invalid', 'If-Match must hold a version', { issues: [{ path: 'If-Match', message: 'Not a version' }] })
  return Number(version)
}
