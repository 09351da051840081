import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { expect } from 'vitest'
import { product } from './own-product.ts'

interface Content {
  [type: string]: { schema?: unknown }
}
interface Response {
  content?: Content
  headers?: Record<string, unknown>
}
interface Operation {
  responses: Record<string, Response | { $ref: string }>
  requestBody?: { content: Content }
}
interface Document {
  paths: Record<string, Record<string, Operation>>
  components: { responses: Record<string, Response> }
}

export interface Exchange {
  method: string
  path: string
  sent?: unknown
  status: number
  headers: Headers
  body: unknown
}

let conforms: Promise<(exchange: Exchange) => void> | undefined

/** Fails when an answer of the API does not conform to the OpenAPI document of the same server. */
export async function expectToConform(exchange: Exchange): Promise<void> {
  ;(
    await (conforms ??= fetch(`${product().baseUrl}/api/openapi.json`).then(async response =>
      createConformanceCheck((await response.json()) as object)
    ))
  )(exchange)
}

/**
 * Returns a function that throws for an exchange that an OpenAPI document does not describe: its status, content type,
 * every field of its body, and an accepted request body. Unknown paths and methods must answer an error with 404 or 405.
 */
export function createConformanceCheck(described: object): (exchange: Exchange) => void {
  const document = described as Document
  const validate = createValidator(document)
  // Literal paths come before templates: `members/me` is not `members/{userId}`.
  const templates = Object.keys(document.paths)
    .sort((one, other) => one.split('{').length - other.split('{').length)
    .map(path => ({ path, pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`) }))

  return ({ method, path, sent, status, headers, body }) => {
    if (status === 431) return // from Node's HTTP server, before any route
    const name = `${method} ${path.slice(0, 300)}: ${status}`
    const template = templates.find(({ pattern }) => pattern.test(describedPath(path)))?.path
    const operation = template === undefined ? undefined : document.paths[template]![method.toLowerCase()]
    if (!template || !operation) {
      expect([400, 401, 404, 405], `${name} of an address that the document does not have`).toContain(status)
      return expect(validate('/components/schemas/Error', body), name).toBeUndefined()
    }

    const pointer = `/paths/${escapePointer(template)}/${method.toLowerCase()}`
    const isExpected = String(status) in operation.responses
    expect(isExpected || status >= 500, `${name} is not a status of ${method} ${template}`).toBe(true)
    const { at, response } = resolve(document, operation, pointer, isExpected ? String(status) : 'default')
    const type = headers.get('content-type')?.split(';')[0] ?? ''
    const types = Object.keys(response.content ?? {})
    if (types.length === 0) expect(body, `${name} has a body`).toBeNull()
    else if (!types.includes('*/*')) expect(types, `${name} is of this content type`).toContain(type)
    if (headers.has('x-truncated')) expect(Object.keys(response.headers ?? {}), name).toContain('X-Truncated')
    if (type === 'application/json')
      expect(validate(`${at}/content/application~1json/schema`, body), `${name}: ${JSON.stringify(body)?.slice(0, 1_000)}`).toBeUndefined()
    if (status < 300 && sent !== undefined)
      expect(
        validate(`${pointer}/requestBody/content/application~1json/schema`, sent),
        `${name}, sent ${JSON.stringify(sent).slice(0, 1_000)}`
      ).toBeUndefined()
  }
}

function resolve({ components }: Document, operation: Operation, pointer: string, status: string): { at: string; response: Response } {
  const response = operation.responses[status]!
  if (!('$ref' in response)) return { at: `${pointer}/responses/${status}`, response }
  const at = response.$ref.slice(1)
  return { at, response: components.responses[at.split('/').at(-1)!]! }
}

/** Returns a function for the errors of a value by the schema at a JSON pointer. Schemas are compiled lazily. */
function createValidator({ paths, components }: Document): (pointer: string, value: unknown) => string | undefined {
  // Schemas that many others name, such as the actor of an event, are compiled once.
  const ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true, inlineRefs: false })
  addFormats.default(ajv)
  // Additional fields are errors in tests, although the document allows them.
  ajv.addSchema(closeSchema({ paths, components }) as object, 'openapi')
  const compiled = new Map<string, ValidateFunction>()
  return (pointer, value) => {
    const check = compiled.get(pointer) ?? ajv.compile({ $ref: `openapi#${encodeURI(pointer)}` })
    compiled.set(pointer, check)
    return check(value) ? undefined : ajv.errorsText(check.errors)
  }
}

// The document has team routes below the prefixes of its servers, and other routes in full.
function describedPath(path: string): string {
  const address = path.split('?')[0]!.replace(/(.)\/$/, '$1') // the router ignores a trailing slash
  return (
    /^\/teams\/[^/]+(\/.+)$/.exec(address)?.[1] ??
    /^\/v1(\/.+)$/.exec(address)?.[1] ??
    (address === '/v1' ? '/api/teams/{teamId}' : `/api${address}`)
  )
}

function closeSchema(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closeSchema)
  if (typeof node !== 'object' || node === null) return node
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closeSchema(value)]))
  return 'properties' in copy && copy.type === 'object' && !('additionalProperties' in copy)
    ? { ...copy, additionalProperties: false }
    : copy
}

function escapePointer(path: string): string {
  return path.replaceAll('~', '~0').replaceAll('/', '~1')
}
