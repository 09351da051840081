import { describe, expect, test } from 'vitest'
import { buildDocument, nouns } from '#server/openapi/document'
import type { Operation } from '#server/openapi/describe'
import { exampleOf, fieldsOf, readReference, typeOf, type ApiDocument, type Schema } from '~/utils/api/api-reference'

const document = buildDocument() as unknown as ApiDocument
const { groups, objects, introduction } = readReference(document, 'https://help.example')
const operations = groups.flatMap(({ operations }) => operations)
const described: Record<string, Operation> = Object.assign({}, ...nouns.map(({ routes }) => routes))
const inWords = (schema: Schema) =>
  typeOf(schema)
    .map(({ text }) => text)
    .join('')

describe('the API reference', () => {
  test('the reference shows every operation once, under its noun', () => {
    expect(operations.map(({ id }) => id).sort()).toEqual(
      Object.values(described)
        .map(({ id }) => id)
        .sort()
    )
    expect(groups.map(({ name }) => name)).toEqual(nouns.map(({ name }) => name))
  })

  test('each entry has a unique anchor, and every link leads to one', () => {
    const anchors = [...groups, ...operations, ...objects].map(({ id }) => id)
    expect(new Set(anchors).size).toBe(anchors.length)
    const linked = [
      ...operations.flatMap(({ responses, body }) => [...responses, ...body]),
      ...objects.flatMap(({ fields }) => fields)
    ].flatMap(({ type }) => type.flatMap(({ to }) => to ?? []))
    expect(linked.length).toBeGreaterThan(50)
    expect(linked.filter(anchor => !anchors.includes(anchor))).toEqual([])
  })

  test.each(
    Object.values(described)
      .filter(({ body }) => body)
      .map(operation => [operation.id, operation] as const)
  )('the example body of %s passes the schema of its route', (id, { body }) => {
    const { example } = operations.find(operation => operation.id === id)!
    const sent: unknown = JSON.parse(/-d '(.*)'$/s.exec(example)![1]!.replaceAll("'\\''", "'"))
    expect(body!.safeParse(sent).error?.issues ?? [], JSON.stringify(sent)).toEqual([])
  })

  test('examples call team routes with an API key, and other routes with a session or without credentials', () => {
    const example = (id: string) => operations.find(operation => operation.id === id)!.example
    expect(example('getTicket')).toBe('curl "https://help.example/api/v1/tickets/$TICKET_ID" \\\n  -H "X-Api-Key: $SWITCHBOARD_KEY"')
    expect(example('deleteTeam')).toBe(
      'curl -X DELETE "https://help.example/api/teams/$TEAM_ID" \\\n  -H "Authorization: Bearer $ACCESS_TOKEN"'
    )
    expect(example('previewInvitation')).toBe('curl "https://help.example/api/invitations/$TOKEN"')
  })

  test('the reference begins with the chapters that apply to all routes', () => {
    expect([...introduction.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual([
      'Authentication',
      'Keys and scopes',
      'Errors',
      'Paging',
      'Concurrent changes',
      'Retries',
      'Rate limits',
      'Webhooks'
    ])
  })
})

describe('types as text', () => {
  test.each<[Schema, string]>([
    [{ type: 'string' }, 'string'],
    [{ type: 'string', format: 'uuid' }, 'uuid'],
    [{ type: ['string', 'null'] }, 'string | null'],
    [{ anyOf: [{ type: 'string', format: 'uuid' }, { type: 'null' }] }, 'uuid | null'],
    [{ type: 'array', items: { $ref: '#/components/schemas/Ticket' } }, 'array of Ticket'],
    [{ type: 'array', items: { type: ['string', 'null'] } }, 'array of (string | null)'],
    [{ anyOf: [{ type: 'array', items: { enum: ['a', 'b'] } }, { enum: ['a', 'b'] }] }, '"a" | "b", repeatable'],
    [{ type: 'object', additionalProperties: { type: 'integer' } }, 'map of integer'],
    [{ type: 'object', properties: { id: {}, name: {} } }, '{ id, name }'],
    [{ const: 5 }, '5'],
    [{}, 'any']
  ])('typeOf shows %j as text', (schema, words) => {
    expect(inWords(schema)).toBe(words)
  })

  test('the object Event has one line for each event type', () => {
    const { fields } = objects.find(({ name }) => name === 'Event')!
    const line = fields.find(({ name }) => name === 'ticket.status_changed')!
    expect(line.type.map(({ text }) => text).join('')).toBe(
      '"open" | "in_progress" | "waiting" | "resolved" | "closed" → "open" | "in_progress" | "waiting" | "resolved" | "closed"'
    )
    expect(
      fields
        .find(({ name }) => name === 'ticket.created')!
        .type.map(({ text }) => text)
        .join('')
    ).toBe('null → object')
    expect(fields.filter(({ name }) => name === 'from')).toEqual([])
  })

  test('fieldsOf lists the fields of nested objects and lists', () => {
    const fields = fieldsOf(document, {
      properties: {
        a: { type: 'object', properties: { b: { type: 'string' } }, required: ['b'] },
        c: { type: 'array', items: { type: 'object', properties: { d: { type: 'integer' } } } }
      }
    })
    expect(fields.map(({ name, isRequired }) => [name, isRequired])).toEqual([
      ['a', false],
      ['a.b', true],
      ['c', false],
      ['c[].d', false]
    ])
  })

  test('a field of a oneOf body is required only when all variants require it', () => {
    const fields = fieldsOf(document, {
      oneOf: [
        { properties: { action: { const: 'a' }, value: { type: 'string' } }, required: ['action', 'value'] },
        { properties: { action: { const: 'b' } }, required: ['action'] }
      ]
    })
    expect(fields.map(({ name, type, isRequired }) => [name, type.map(({ text }) => text).join(''), isRequired])).toEqual([
      ['action', '"a" | "b"', true],
      ['value', 'string', false]
    ])
  })

  test('an example holds the required fields, or all of them when none is required', () => {
    expect(
      exampleOf(document, { type: 'object', properties: { a: { type: 'string' }, b: { type: 'integer', minimum: 5 } }, required: ['b'] })
    ).toEqual({ b: 5 })
    expect(exampleOf(document, { type: 'object', properties: { a: { type: 'boolean' }, b: { type: 'string' } } })).toEqual({ a: true })
  })
})
