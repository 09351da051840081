import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { addressOf, buildDocument, nouns } from '#server/openapi/document'
import type { Operation } from '#server/openapi/describe'
import { readRouteFiles } from '../../support/routes.ts'

const described: Record<string, Operation> = Object.assign({}, ...nouns.map(({ routes }) => routes))
const document = buildDocument()
const operations = Object.entries(document.paths!).flatMap(([path, item]) =>
  Object.entries(item)
    .filter(([method]) => method !== 'servers')
    .map(([method, operation]) => ({ path, method, operation: operation as typeof item.get & object }))
)

/** The source text of a route. */
function sourceOf(route: string): string {
  const { method } = addressOf(route)
  const path = `server/api${route.split(' ')[1]}`
  return [`${path}.${method}.ts`, `${path}/index.${method}.ts`].map(file => read(file)).find(text => text !== undefined)!
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return
    throw error
  }
}

/** The schema that a route passes to `call`, such as parseBody. */
async function schemaOf(text: string, call: string): Promise<unknown> {
  const name = new RegExp(`${call}\\(event, (\\w+)\\)`).exec(text)?.[1]
  if (!name) return
  const module = new RegExp(`import \\{[^}]*\\b${name}\\b[^}]*\\} from '#shared/schemas/([\\w-]+)'`).exec(text)?.[1]
  if (!module) throw new Error(`${name} is no import from #shared/schemas`)
  return ((await import(`../../../shared/schemas/${module}.ts`)) as Record<string, unknown>)[name]
}

describe('every route', () => {
  test('every route is described in the OpenAPI nouns, and nothing else is', () => {
    expect(Object.keys(described).sort()).toEqual(readRouteFiles().sort())
    expect(nouns.flatMap(({ routes }) => Object.keys(routes)).length).toBe(Object.keys(described).length)
  })

  test.each(Object.entries(described))('%s is described with its permission, schemas, statuses and headers', async (route, operation) => {
    const text = sourceOf(route)
    expect(operation.permission, 'permission').toBe(/authUser\(event, '([\w.]+)'\)/.exec(text)?.[1])
    expect(operation.isPublic ?? false, 'isPublic').toBe(!/await (authUser|requireUser)\(event/.test(text))
    expect(operation.body, 'the schema of the body').toBe(await schemaOf(text, 'parseBody'))
    expect(operation.query, 'the schema of the query').toBe(await schemaOf(text, 'parseQuery'))
    expect(operation.ifMatch ?? false, 'If-Match').toBe(text.includes('ifMatch(event)'))
    expect(operation.file !== undefined, 'a body that is no JSON').toBe(
      /readBytes\(|receive(?:Upload|Attachment|ArticleImage)\(/.test(text)
    )
    const statuses = Object.keys(operation.answers).map(Number)
    expect(statuses.includes(201), 'sendCreated()').toBe(text.includes('sendCreated(event'))
    expect(statuses.includes(202), 'sendAccepted(), sendStarted(), or noContent() with a job').toBe(
      /sendAccepted\(event|sendStarted\(event|noContent\(event, await/.test(text)
    )
    if (text.includes('noContent(event')) expect(statuses, 'noContent()').toContain(204)
    expect(operation.answers[200]?.headers?.['X-Truncated'] !== undefined, 'X-Truncated').toBe(
      /sendList\(event|setTruncated\(event/.test(text)
    )
    expect(operation.answers[200]?.file !== undefined, 'a file').toBe(
      /sendCsv\(|streamCsv\(|sendAttachment\(|sendArchive\(|'content-type': content_type/.test(text)
    )
  })
})

describe('the OpenAPI document', () => {
  test('each operation has a unique id and a summary', () => {
    const ids = operations.map(({ operation }) => operation.operationId!)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.filter(id => !/^[a-z][A-Za-z]+$/.test(id))).toEqual([])
    expect(
      operations.filter(({ operation }) => !/^[A-Z].*[^.]$/.test(operation.summary!)).map(({ operation }) => operation.summary)
    ).toEqual([])
  })

  test.each(operations.map(({ path, method, operation }) => [`${method} ${path}`, operation] as const))(
    'the document declares exactly the path parameters of %s',
    (address, { parameters = [] }) => {
      const declared = parameters
        .filter(parameter => !('$ref' in parameter) && parameter.in === 'path')
        .map(parameter => (parameter as { name: string }).name)
      expect(declared).toEqual([...address.matchAll(/\{(\w+)\}/g)].map(match => match[1]))
      expect(parameters.every(parameter => '$ref' in parameter || parameter.in !== 'path' || parameter.required)).toBe(true)
    }
  )

  test('no two path templates match one path', () => {
    const shapes = Object.keys(document.paths!).map(path => path.replace(/\{\w+\}/g, '{}'))
    expect(new Set(shapes).size).toBe(shapes.length)
  })

  test('every referenced component is defined, and every defined component is referenced', () => {
    const references = new Set([...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+\/\w+)"/g)].map(match => match[1]!))
    const components = (['schemas', 'responses'] as const).flatMap(kind =>
      Object.keys(document.components![kind] ?? {}).map(name => `${kind}/${name}`)
    )
    expect([...references].sort()).toEqual(components.sort())
  })

  test('all schemas are valid JSON Schema 2020-12', () => {
    const ajv = new Ajv2020({ strict: false })
    const schemas = Object.values(document.components!.schemas!) as object[]
    const collect = (node: unknown) => {
      if (typeof node !== 'object' || node === null) return
      if ('schema' in node) schemas.push(node.schema as object)
      Object.values(node).forEach(collect)
    }
    collect(document.paths)
    expect(schemas.length).toBeGreaterThan(100)
    expect(schemas.filter(schema => !ajv.validateSchema(schema as object))).toEqual([])
  })

  test('the range and default of page, page_size and limit are described', () => {
    const described = operations.flatMap(({ operation }) =>
      (operation.parameters ?? [])
        .filter(parameter => !('$ref' in parameter) && /^(page|page_size|limit)$/.test((parameter as { name: string }).name))
        .map(parameter => parameter as { name: string; schema: { description?: string } })
    )
    expect(described.length).toBeGreaterThan(5)
    expect(new Set(described.map(({ name, schema: { description } }) => `${name}: ${description}`))).toEqual(
      new Set([
        'page: A whole number from 1 to 100000.',
        'page_size: A whole number from 1 to 100; 25 by default.',
        'page_size: A whole number from 1 to 100; 25 by default. Requires `page`.',
        'page_size: A whole number from 1 to 100; 25 by default. Requires `page` or `cursor`.',
        'limit: A whole number from 1 to 50; 20 by default.',
        'limit: A whole number from 1 to 100; 20 by default. Not allowed with `page`.'
      ])
    )
  })

  test('the tags of operations are exactly the declared ones', () => {
    expect(new Set(operations.flatMap(({ operation }) => operation.tags))).toEqual(new Set(document.tags!.map(({ name }) => name)))
  })

  test('the errors of every operation have the schema Error', () => {
    for (const { operation } of operations) {
      for (const [status, response] of Object.entries(operation.responses!)) {
        if (status !== 'default' && Number(status) < 400) continue
        const resolved =
          '$ref' in response ? document.components!.responses![(response as { $ref: string }).$ref.split('/').at(-1)!]! : response
        expect(resolved, `${operation.operationId} ${status}`).toMatchObject({
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } }
        })
      }
    }
  })
})
