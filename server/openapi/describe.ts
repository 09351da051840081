import { cursorPage, page } from '#shared/schemas/answers/page'
import { z } from '#shared/schemas/zod'
import type { Permission } from '#shared/permissions'

export { count, day, id, timestamp } from '#shared/schemas/answer'

/** A successful answer: JSON of a schema, a file of some content types, or no body. */
export interface Answer {
  description: string
  json?: z.ZodType
  file?: readonly string[]
  headers?: Record<string, string>
}

/** One route in the reference and in `GET /api/openapi.json`. */
export interface Operation {
  /** Unique. Generated clients name their function by it. */
  id: string
  /** In the imperative and without a full stop. */
  summary: string
  description?: string
  /** The permission that the route passes to `authUser`. Only routes outside of a team have none. */
  permission?: Permission
  isPublic?: true
  /** The same schemas that the route parses with. */
  query?: z.ZodType<unknown, Record<string, unknown>>
  body?: z.ZodType
  /** The content types of a body that is not JSON. */
  file?: readonly string[]
  /** Path parameters that are not UUIDs. */
  parameters?: Record<string, z.ZodType>
  /** Whether the route reads a version from `If-Match`. */
  ifMatch?: true
  answers: Record<number, Answer>
  /** Errors by status, beyond those that every route of its kind may answer. */
  refusals?: Record<number, string>
}

/** The keys of `routes` are method and file path: `GET /teams/[teamId]/tickets`. */
export interface Noun {
  name: string
  description: string
  routes: Record<string, Operation>
}

export function json(json: z.ZodType, description: string): Answer {
  return { description, json }
}

/** A bare list up to its limit, or a page. The query of the route has `pageFields`. */
export function list<T extends z.ZodType>(item: T, description: string): Answer {
  return truncatable(z.union([z.array(item), page(item)]), description)
}

/** A list that also supports a cursor. */
export function cursorList<T extends z.ZodType>(item: T, description: string): Answer {
  return truncatable(z.union([z.array(item), page(item), cursorPage(item)]), description)
}

/** An answer with the header `X-Truncated` when it is not complete. */
export function truncatable(json: z.ZodType, description: string): Answer {
  return {
    description,
    json,
    headers: { 'X-Truncated': '`true` when there are more rows than the answer holds. Filter the list, or request pages.' }
  }
}

export function file(description: string, ...types: string[]): Answer {
  return { description, file: types }
}

/** For routes whose effect would outlive a stolen session: docs/decisions/010. */
export const oldSignIn = '`reauthentication_required`: the caller signed in more than 15 minutes ago. Sign in again and repeat the request.'

export const deleted = { 204: { description: 'Deleted.' } }
