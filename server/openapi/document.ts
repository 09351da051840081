import { createHash } from 'node:crypto'
import {
  createDocument,
  type CreateDocumentOptions,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject
} from 'zod-openapi'
import { scopes, scopesAllow, type Permission, type Scope } from '#shared/permissions'
import { apiError } from '#shared/schemas/answers/error'
import { z } from '#shared/schemas/zod'
import type { Answer, Noun, Operation } from './describe'
import { introduction } from './introduction'
import { apiKeys } from './nouns/api-key'
import { articles } from './nouns/article'
import { attachments } from './nouns/attachment'
import { bulk } from './nouns/bulk'
import { calendars, holidays } from './nouns/calendar'
import { cannedResponses } from './nouns/canned-response'
import { categories } from './nouns/category'
import { contacts } from './nouns/contact'
import { drafts } from './nouns/draft'
import { events } from './nouns/event'
import { exports } from './nouns/export'
import { invitations } from './nouns/invitation'
import { jobs } from './nouns/job'
import { mails } from './nouns/mail'
import { members } from './nouns/member'
import { notifications } from './nouns/notification'
import { profiles } from './nouns/profile'
import { ratings } from './nouns/rating'
import { reference } from './nouns/reference'
import { replies } from './nouns/reply'
import { reports } from './nouns/report'
import { savedViews } from './nouns/saved-view'
import { search } from './nouns/search'
import { sla } from './nouns/sla'
import { teams } from './nouns/team'
import { tickets } from './nouns/ticket'
import { webhooks } from './nouns/webhook'

/** Every noun of the API, in the order of the reference. */
export const nouns: Noun[] = [
  tickets,
  replies,
  attachments,
  search,
  bulk,
  savedViews,
  exports,
  cannedResponses,
  articles,
  contacts,
  categories,
  sla,
  calendars,
  holidays,
  reports,
  events,
  teams,
  members,
  invitations,
  apiKeys,
  profiles,
  notifications,
  drafts,
  ratings,
  webhooks,
  jobs,
  mails,
  reference
]

export type Document = ReturnType<typeof createDocument>

let built: { json: string; etag: string } | undefined

/** The OpenAPI 3.1 document with its ETag, built once. */
export function apiDocument(): { json: string; etag: string } {
  if (!built) {
    const json = JSON.stringify(buildDocument())
    built = { json, etag: `"${createHash('sha256').update(json).digest('base64url').slice(0, 27)}"` }
  }
  return built
}

export function buildDocument(): Document {
  const paths: ZodOpenApiPathsObject = {}
  for (const noun of nouns) {
    for (const [route, operation] of Object.entries(noun.routes)) {
      const { method, path, isOfTeam } = addressOf(route)
      paths[path] = {
        ...(isOfTeam ? {} : { servers: [{ url: '/', description: 'Outside of a team.' }] }),
        ...paths[path],
        [method]: operationOf(noun, operation, { method, path, isOfTeam })
      }
    }
  }
  return createDocument(
    {
      openapi: '3.1.1',
      info: { title: 'Switchboard API', version: '1', description: introduction, license: { name: 'MIT', identifier: 'MIT' } },
      servers: [
        { url: '/api/v1', description: 'The team of the API key in `X-Api-Key`.' },
        {
          url: '/api/teams/{teamId}',
          description: 'The same routes for people, who may be members of several teams.',
          variables: {
            teamId: { default: '00000000-0000-4000-8000-000000000000', description: 'The id of the team; `GET /api/teams` lists them.' }
          }
        }
      ],
      tags: nouns.map(({ name, description }) => ({ name, description })),
      paths,
      components: {
        securitySchemes: {
          apiKey: {
            type: 'apiKey',
            in: 'header',
            name: 'X-Api-Key',
            description: 'An API key of the team. It acts as one member, within its scopes.'
          },
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: "The access token of a person's Supabase session." },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'sb-switchboard-auth',
            description: 'The session cookie of a signed-in browser. Requests from other sites cannot write with it.'
          }
        }
      }
    },
    options
  )
}

/** The method and path of a route in the document. Paths of team routes are relative to a server URL. */
export function addressOf(route: string): { method: 'get' | 'post' | 'put' | 'patch' | 'delete'; path: string; isOfTeam: boolean } {
  const [method, address] = route.split(' ') as [string, string]
  const below = /^\/teams\/\[teamId\](\/.+)$/.exec(address)?.[1]
  const path = (below ?? `/api${address}`).replace(/\[(\w+)\]/g, '{$1}')
  return { method: method.toLowerCase() as 'get', path, isOfTeam: below !== undefined }
}

const usualRefusals: Record<number, string> = {
  400: 'The query, the body or a header is invalid; `data.issues` says why. `two_identities`: the request has both a key and a session.',
  401: 'The request has no valid session and no valid key.',
  403: 'The role of the caller, or the scopes of the key, do not allow this.',
  404: 'It does not exist, or the caller may not see it.',
  413: 'The body is too large.',
  415: 'The body has the wrong content type.',
  422: 'The request is valid, but cannot be done. `idempotency_mismatch`: the Idempotency-Key was used for another request.',
  429: 'There were too many requests. `Retry-After` says after how many seconds to try again.'
}

const idempotencyKey = z
  .string()
  .regex(/^[\x20-\x7e]{1,255}$/)
  .optional()
  .describe(
    'For a day, a repeated request with the same key is not done again: it gets the first answer, with `Idempotency-Replayed: true`. Another body with the same key answers 422 `idempotency_mismatch`.'
  )

function operationOf(
  noun: Noun,
  operation: Operation,
  { method, path, isOfTeam }: ReturnType<typeof addressOf>
): ZodOpenApiOperationObject {
  const { id, summary, description, permission, isPublic, body, file, answers } = operation
  return {
    operationId: id,
    tags: [noun.name],
    summary,
    ...(description && { description }),
    ...(permission && { 'x-permission': permission, 'x-scopes': scopesOf(permission) }),
    security: isPublic ? [] : [...(permission && scopesOf(permission).length > 0 ? [{ apiKey: [] }] : []), { bearer: [] }, { session: [] }],
    requestParams: {
      path: z.object(
        Object.fromEntries([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name!, operation.parameters?.[name!] ?? z.uuid()]))
      ),
      ...(operation.query && { query: operation.query }),
      ...(operation.ifMatch && {
        header: z.object({
          'If-Match': z
            .string()
            .regex(/^"?\d{1,9}"?$/)
            .optional()
            .describe('The `version` that the caller has read. The answer is 412 when the ticket has another one.')
        })
      }),
      ...(method === 'post' && { header: z.object({ 'Idempotency-Key': idempotencyKey }) })
    },
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    ...(file && { requestBody: { required: true, content: Object.fromEntries(file.map(type => [type, {}])) } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, answerOf(answer)])),
      ...Object.fromEntries(
        refusalsOf(operation, { method, path, isOfTeam }).map(status => [status, refusal(status, operation.refusals?.[status])])
      ),
      default: refusal(0)
    }
  }
}

// The scopes that each allow the permission; none when no key may have it.
function scopesOf(permission: Permission): Scope[] {
  return scopes.filter(scope => scopesAllow([scope], permission))
}

function answerOf({ description, json, file, headers }: Answer): ZodOpenApiResponseObject {
  return {
    description,
    ...(headers && {
      headers: Object.fromEntries(Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]))
    }),
    ...(json && { content: { 'application/json': { schema: json } } }),
    ...(file && { content: Object.fromEntries(file.map(type => [type, {}])) })
  }
}

// The error statuses that follow from the kind of route, and those that it lists itself.
function refusalsOf(
  { isPublic, query, body, file, ifMatch, refusals }: Operation,
  { method, path, isOfTeam }: ReturnType<typeof addressOf>
): number[] {
  return [
    ...new Set([
      ...(query || body || ifMatch || !isPublic ? [400] : []),
      ...(isPublic ? [] : [401, 403]),
      429,
      ...(isOfTeam || path.includes('{') ? [404] : []),
      ...(body || file ? [413, 415] : []),
      ...(method === 'post' ? [413, 422] : []), // an Idempotency-Key makes every POST read its body
      ...Object.keys(refusals ?? {}).map(Number)
    ])
  ]
}

const responses = new Map<number, ZodOpenApiResponseObject>()

// One shared component per usual error. A route with another text gets its own response.
function refusal(status: number, description?: string): ZodOpenApiResponseObject {
  const content = { 'application/json': { schema: apiError } }
  const usual = usualRefusals[status]
  if (description) return { description: usual ? `${usual} ${description}` : description, content }
  const shared = responses.get(status) ?? {
    id: status === 0 ? 'Failure' : `Error${status}`,
    description: usual ?? 'Any other error. 500: an error on our side. 503: the service is busy or unreachable; try again.',
    ...(status === 429 && {
      headers: Object.fromEntries(
        [
          ['Retry-After', 'Seconds to wait.'],
          ['RateLimit-Limit', 'How many requests may come at once, by the limit that is nearest to exhaustion.'],
          ['RateLimit-Remaining', 'How many of them are left.'],
          ['RateLimit-Reset', 'Seconds until all of them are available again.']
        ].map(([name, description]) => [name, { description, schema: { type: 'integer' } }])
      )
    }),
    content
  }
  responses.set(status, shared)
  return shared
}

const options: CreateDocumentOptions = {
  // Schemas of any value: the value of a bulk change, and the filters of an export.
  allowEmptySchema: { unknown: true },
  override: ({ jsonSchema, io }) => {
    // A format says the same as its pattern, and people can read it.
    if (jsonSchema.format) delete jsonSchema.pattern
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    // Answers may gain fields, which clients must ignore. Bodies with unknown fields are refused.
    if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
  }
}
