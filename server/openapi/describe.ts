import { cursorPage, page } from '#shared/schemas/answers/page'
import { z } from '#shared/schemas/zod'
import type { Permission } from '#shared/permissions'

export { count, day, id, timestamp } from '#shared/schemas/answer'

/** What a route answers when it does what was asked: JSON of a schema, a file of some content types, or nothing. */
export interface Answer {
  description: string
  json?: z.ZodType
  file?: readonly string[]
  headers?: Record<string, string>
}

/** One route, as the reference and `GET /api/openapi.json` tell it. */
export interface Operation {
  /** Unique, and a name for a function of a client. */
  id: string
  /** What a caller does with it, in the imperative and without a full stop. */
  summary: string
  description?: string
  /** What the route asks for in its first line; only routes outside of a team do without. */
  permission?: Permission
  /** Whether anybody may call it. */
  isPublic?: true
  /** The very schemas that the route parses with. */
  query?: z.ZodType<unknown, Record<string, unknown>>
  body?: z.ZodType
  /** The content types of a body that is no JSON. */
  file?: readonly string[]
  /** Path parameters that are no plain ids. */
  parameters?: Record<string, z.ZodType>
  /** Whether `If-Match` names the version that is meant. */
  ifMatch?: true
  answers: Record<number, Answer>
  /** When it answers which error, beyond what every route of its kind may. */
  refusals?: Record<number, string>
}

/** The routes of a noun by the names of their files: `GET /teams/[teamId]/tickets`. */
export interface Noun {
  name: string
  description: string
  routes: Record<string, Operation>
}

export function json(json: z.ZodType, description: string): Answer {
  return { description, json }
}

/** A list: bare as far as it goes at once, or a page of it. Its query has `pageFields`. */
export function list<T extends z.ZodType>(item: T, description: string): Answer {
  return truncatable(z.union([z.array(item), page(item)]), description)
}

/** A list that is also walked by a cursor. */
export function cursorList<T extends z.ZodType>(item: T, description: string): Answer {
  return truncatable(z.union([z.array(item), page(item), cursorPage(item)]), description)
}

/** An answer that says with a header when there is more than it holds. */
export function truncatable(json: z.ZodType, description: string): Answer {
  return { description, json, headers: { 'X-Truncated': '`true` when there is more than the answer holds: narrow it, or ask for pages.' } }
}

export function file(description: string, ...types: string[]): Answer {
  return { description, file: types }
}

/** The refusal of routes whose effect outlives a stolen session: docs/decisions/010. */
export const oldSignIn = '`reauthentication_required`: the session began more than 15 minutes ago; sign in again and repeat the request.'

export const deleted = { 204: { description: 'Deleted.' } }
