/** The parts of a JSON schema that the reference shows. */
export interface Schema {
  $ref?: string
  type?: string | string[]
  format?: string
  enum?: unknown[]
  const?: unknown
  description?: string
  default?: unknown
  examples?: unknown[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  pattern?: string
}

interface Content {
  [type: string]: { schema?: Schema }
}
interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required?: boolean
  description?: string
  schema: Schema
}
interface Response {
  $ref?: string
  description: string
  content?: Content
  headers?: Record<string, { description?: string }>
}

interface Operation {
  'operationId': string
  'summary': string
  'description'?: string
  'tags': string[]
  'security': Record<string, string[]>[]
  'parameters'?: Parameter[]
  'requestBody'?: { content: Content }
  'responses': Record<string, Response>
  'x-permission'?: string
  'x-scopes'?: string[]
}

/** The parts of our OpenAPI document that the reference shows. */
export interface ApiDocument {
  info: { title: string; version: string; description: string }
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema>; responses: Record<string, Response> }
}

/** A row of a field table. In `name`, dots lead into objects, `[]` into lists. */
export interface ApiField {
  name: string
  type: TypePart[]
  isRequired: boolean
  rules: string[]
  description?: string
}

/** A piece of a type; `to` is the anchor of an object in the document. */
export interface TypePart {
  text: string
  to?: string
}

export interface ApiResponse {
  status: string
  description: string
  type: TypePart[]
  fields: ApiField[]
  headers: string[]
}

export interface ApiOperation {
  id: string
  method: string
  /** The path for API keys (`/api/v1/…`), or for sessions if keys have no access. */
  path: string
  summary: string
  description?: string
  permission?: string
  scopes: string[]
  access: 'key' | 'person' | 'anybody'
  parameters: (ApiField & { in: string })[]
  bodyType: string | null
  body: ApiField[]
  responses: ApiResponse[]
  example: string
  /** The searchable text, in lower case. */
  words: string
}

export interface ApiGroup {
  id: string
  name: string
  description: string
  operations: ApiOperation[]
}
export interface ApiObject {
  id: string
  name: string
  description?: string
  fields: ApiField[]
}
export interface ApiReference {
  introduction: string
  groups: ApiGroup[]
  objects: ApiObject[]
}

const methods = ['get', 'post', 'put', 'patch', 'delete']

/** Builds the reference from the document; `origin` is the server in the examples. */
export function readReference(document: ApiDocument, origin: string): ApiReference {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap(method => (item[method] ? [readOperation(document, path, method, item[method], origin)] : []))
  )
  return {
    introduction: document.info.description,
    groups: document.tags.map(({ name, description }) => ({
      id: fragmentOf(name),
      name,
      description,
      operations: operations.filter(({ tag }) => tag === name).map(({ tag: _, ...operation }) => operation)
    })),
    objects: Object.entries(document.components.schemas).map(([name, schema]) => ({
      id: objectAnchor(name),
      name,
      description: schema.description,
      fields: objectFields(document, schema)
    }))
  }
}

export function fragmentOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
}

function objectAnchor(name: string): string {
  return `object-${fragmentOf(name)}`
}

function readOperation(
  document: ApiDocument,
  path: string,
  method: string,
  operation: Operation,
  origin: string
): ApiOperation & { tag: string } {
  const access = operation.security.length === 0 ? 'anybody' : operation.security.some(({ apiKey }) => apiKey) ? 'key' : 'person'
  // Team paths are relative in the document, all others are absolute.
  const isTeamPath = !path.startsWith('/api/')
  const fullPath = !isTeamPath ? path : access === 'key' ? `/api/v1${path}` : `/api/teams/{teamId}${path}`
  const content = Object.entries(operation.requestBody?.content ?? {})
  const [bodyType, media] = content[0] ?? [null, undefined]
  const body = media?.schema ? fieldsOf(document, media.schema) : []
  return {
    id: operation.operationId,
    tag: operation.tags[0]!,
    method: method.toUpperCase(),
    path: fullPath,
    summary: operation.summary,
    description: operation.description,
    permission: operation['x-permission'],
    scopes: operation['x-scopes'] ?? [],
    access,
    parameters: (operation.parameters ?? []).map(parameter => ({
      ...fieldOf(
        parameter.name,
        { ...parameter.schema, description: parameter.description ?? parameter.schema.description },
        parameter.required ?? false
      ),
      in: parameter.in
    })),
    bodyType: media?.schema ? bodyType : content.map(([type]) => type).join(', ') || null,
    body,
    responses: Object.entries(operation.responses)
      .filter(([status]) => status !== 'default')
      .map(([status, response]) => readResponse(document, status, response)),
    example: exampleCall(document, { method: method.toUpperCase(), path: fullPath, access, bodyType, schema: media?.schema, origin }),
    words: [
      operation.summary,
      operation.description,
      operation.operationId,
      fullPath,
      method,
      operation['x-permission'],
      ...body.map(({ name }) => name)
    ]
      .join(' ')
      .toLowerCase()
  }
}

function readResponse(document: ApiDocument, status: string, response: Response): ApiResponse {
  const resolved = response.$ref ? document.components.responses[nameOf(response.$ref)]! : response
  const [type, media] = Object.entries(resolved.content ?? {})[0] ?? []
  const schema = media?.schema
  return {
    status,
    description: resolved.description,
    type: schema ? typeOf(schema) : type ? [{ text: Object.keys(resolved.content!).join(', ') }] : [],
    fields: schema?.properties ? fieldsOf(document, schema) : [],
    headers: Object.keys(resolved.headers ?? {})
  }
}

/** The rows of an object; for a union, the merged fields of all variants. */
export function fieldsOf(document: ApiDocument, schema: Schema, prefix = ''): ApiField[] {
  const variants = schema.oneOf ?? schema.anyOf
  if (variants && !schema.properties) return mergeFields(variants.map(variant => fieldsOf(document, variant, prefix)))
  if (schema.$ref) return prefix ? [] : fieldsOf(document, document.components.schemas[nameOf(schema.$ref)]!, prefix)
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const own = fieldOf(`${prefix}${name}`, property, schema.required?.includes(name) ?? false)
    const inner =
      property.type === 'array' && property.items
        ? { schema: property.items, prefix: `${prefix}${name}[].` }
        : { schema: property, prefix: `${prefix}${name}.` }
    return [own, ...(inner.schema.properties ? fieldsOf(document, inner.schema, inner.prefix) : [])]
  })
}

// For a union of events: the common fields, and one row per event type with its state before and after.
function objectFields(document: ApiDocument, schema: Schema): ApiField[] {
  const kinds = schema.oneOf?.map(({ properties }) => properties ?? {}) ?? []
  if (kinds.length === 0 || !kinds.every(({ type, from, to }) => type?.const !== undefined && from && to)) return fieldsOf(document, schema)
  const { type: _, from: __, to: ___, ...common } = kinds[0]!
  return [
    ...fieldsOf(document, { properties: common, required: Object.keys(common) }),
    { name: 'type, from, to', type: [{ text: 'the event type, with the state before and after' }], isRequired: true, rules: [] },
    ...kinds.map(({ type, from, to }) => ({
      name: String(type!.const),
      type: [...typeOf(from!), { text: ' → ' }, ...typeOf(to!)],
      isRequired: true,
      rules: []
    }))
  ]
}

function mergeFields(variants: ApiField[][]): ApiField[] {
  const names = [...new Set(variants.flat().map(({ name }) => name))]
  return names.map(name => {
    const all = variants.flatMap(fields => fields.filter(field => field.name === name))
    const types = new Map(all.map(({ type }) => [text(type), type]))
    return {
      ...all[0]!,
      type: [...types.values()].flatMap((type, index) => [...(index > 0 ? [{ text: ' | ' }] : []), ...type]),
      rules: all.every(({ rules }) => rules.join() === all[0]!.rules.join()) ? all[0]!.rules : [],
      isRequired: all.length === variants.length && all.every(({ isRequired }) => isRequired)
    }
  })
}

function fieldOf(name: string, schema: Schema, isRequired: boolean): ApiField {
  return { name, type: typeOf(schema), isRequired, rules: rulesOf(schema), description: schema.description }
}

/** A readable type: `array of Ticket`, `uuid | null`. */
export function typeOf(schema: Schema): TypePart[] {
  if (schema.$ref) return [{ text: nameOf(schema.$ref), to: objectAnchor(nameOf(schema.$ref)) }]
  if (schema.const !== undefined) return [{ text: JSON.stringify(schema.const) }]
  if (schema.enum) return joinTypes(schema.enum.map(value => [{ text: JSON.stringify(value) }]))
  const variants = schema.anyOf ?? schema.oneOf
  if (variants && !schema.properties) {
    // Filters take one value or several of the same type.
    const [several, one] = variants
    if (variants.length === 2 && several!.type === 'array' && one && text(typeOf(several!.items ?? {})) === text(typeOf(one)))
      return [...typeOf(one), { text: ', repeatable' }]
    return joinTypes(withoutRepeats(variants.map(typeOf)))
  }
  if (schema.type === 'array') return [{ text: 'array of ' }, ...parenthesise(typeOf(schema.items ?? {}))]
  if (schema.type === 'object' && !schema.properties)
    return typeof schema.additionalProperties === 'object'
      ? [{ text: 'map of ' }, ...parenthesise(typeOf(schema.additionalProperties))]
      : [{ text: 'object' }]
  if (schema.type === 'object') return [{ text: outlineOf(schema.properties!) }]
  if (Array.isArray(schema.type)) return joinTypes(schema.type.map(type => [{ text: type === 'null' ? 'null' : (schema.format ?? type) }]))
  return [{ text: schema.format ?? schema.type ?? 'any' }]
}

function outlineOf(properties: Record<string, Schema>): string {
  const names = Object.keys(properties)
  return names.length > 6 ? 'object' : `{ ${names.join(', ')} }`
}

function text(type: TypePart[]): string {
  return type.map(({ text }) => text).join('')
}

function joinTypes(types: TypePart[][]): TypePart[] {
  return types.flatMap((type, index) => [...(index > 0 ? [{ text: ' | ' }] : []), ...type])
}

function parenthesise(type: TypePart[]): TypePart[] {
  return type.length > 1 ? [{ text: '(' }, ...type, { text: ')' }] : type
}

function withoutRepeats(types: TypePart[][]): TypePart[][] {
  return [...new Map(types.map(type => [text(type), type])).values()]
}

function rulesOf(schema: Schema): string[] {
  const of = (schema.anyOf ?? []).find(({ type }) => type !== 'null' && type !== 'array') ?? schema
  const one = { ...of, default: schema.default }
  return [
    range(one.minLength, one.maxLength, 'characters'),
    range(one.minItems, one.maxItems, 'items'),
    range(one.minimum, one.maximum, ''),
    one.pattern === undefined ? '' : `matches ${one.pattern}`,
    schema.default === undefined ? '' : `default ${JSON.stringify(schema.default)}`
  ].filter(rule => rule !== '')
}

function range(min: number | undefined, max: number | undefined, unit: string): string {
  if (min === undefined && max === undefined) return ''
  const figures =
    min === undefined ? `at most ${figure(max!)}` : max === undefined ? `at least ${figure(min)}` : `${figure(min)} to ${figure(max)}`
  return `${figures} ${unit}`.trim()
}

function figure(value: number): string {
  return value.toLocaleString('en')
}

function nameOf(reference: string): string {
  return reference.split('/').at(-1)!
}

const exampleId = '3f6c1d5e-8a47-4c1b-9d02-6e5b7f0a1c24'

// Example values by field name; other fields get their name as value.
const exampleTexts: Record<string, string> = {
  subject: 'VPN drops every hour',
  description: 'Since Monday, for everybody in the Berlin office.',
  content: 'Thanks, we are looking into it.',
  requester_name: 'Rita Requester',
  requester_email: 'rita@example.com',
  email: 'ines@example.com',
  name: 'Network',
  title: 'First answer',
  full_name: 'Ines Ibsen',
  slug: 'acme',
  time_zone: 'Europe/Berlin',
  opens: '09:00',
  closes: '17:00',
  country: 'DE',
  url: 'https://example.com/switchboard',
  category: 'bug',
  q: 'vpn',
  tag: 'vpn',
  key: 'bug'
}

/** An example value for a schema; objects get their required fields, or else their first field. */
export function exampleOf(document: ApiDocument, schema: Schema, name = ''): unknown {
  if (schema.$ref) return exampleOf(document, document.components.schemas[nameOf(schema.$ref)]!, name)
  if (schema.const !== undefined) return schema.const
  if (schema.examples) return schema.examples[0]
  if (schema.enum) return schema.enum[0]
  const variants = schema.anyOf ?? schema.oneOf
  if (variants && !schema.properties)
    return exampleOf(
      document,
      (schema.oneOf?.find(({ properties }) => properties?.action?.const === 'set_status') ??
        variants.find(({ type }) => type !== 'null' && type !== 'array') ??
        variants[0])!,
      name
    )
  const type = Array.isArray(schema.type) ? schema.type.find(one => one !== 'null') : schema.type
  if (type === 'object') return exampleObject(document, schema)
  if (type === 'array') return [exampleOf(document, schema.items ?? {}, singular(name))]
  if (type === 'integer' || type === 'number') return Math.max(schema.minimum ?? 1, Math.min(2, schema.maximum ?? 2))
  if (type === 'boolean') return true
  if (schema.format === 'uuid') return exampleId
  if (schema.format === 'date-time') return '2026-11-21T09:30:00Z'
  if (schema.format === 'date') return '2026-11-21'
  return exampleTexts[name] ?? (schema.format === 'email' ? 'ines@example.com' : name || 'text')
}

function exampleObject(document: ApiDocument, { properties = {}, required = [] }: Schema): Record<string, unknown> {
  const names = [...required, ...('ids' in properties ? ['ids'] : [])]
  const shown = names.length > 0 ? names : Object.keys(properties).slice(0, 1)
  return Object.fromEntries(shown.map(name => [name, exampleOf(document, properties[name]!, name)]))
}

function singular(name: string): string {
  return name.replace(/s$/, '')
}

interface Call {
  method: string
  path: string
  access: ApiOperation['access']
  bodyType: string | null
  schema?: Schema
  origin: string
}

function exampleCall(document: ApiDocument, { method, path, access, bodyType, schema, origin }: Call): string {
  const address = `${origin}${path}`.replaceAll(
    /\{(\w+)\}/g,
    (_, name: string) => `$${name.replaceAll(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`
  )
  return [
    `curl ${method === 'GET' ? '' : `-X ${method} `}"${address}"`,
    ...(access === 'anybody' ? [] : [access === 'key' ? '-H "X-Api-Key: $SWITCHBOARD_KEY"' : '-H "Authorization: Bearer $ACCESS_TOKEN"']),
    ...(bodyType ? [`-H "Content-Type: ${bodyType}"`] : []),
    ...(schema
      ? [`-d '${JSON.stringify(exampleOf(document, schema)).replaceAll("'", "'\\''")}'`]
      : bodyType
        ? ['--data-binary @picture.png']
        : [])
  ].join(' \\\n  ')
}
