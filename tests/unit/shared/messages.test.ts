import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { z } from '#shared/schemas/zod'

const folder = fileURLToPath(new URL('../../../shared/schemas', import.meta.url))
const files = globSync('*.ts', { cwd: folder })
  .filter(file => !['zod.ts', 'messages.ts'].includes(file))
  .sort()

/** The fields of a schema with their schemas, unwrapped. */
function fieldsOf(schema: z.core.$ZodType): [string, z.core.$ZodType][] {
  const { def } = schema._zod as unknown as {
    def: {
      type: string
      shape?: Record<string, z.core.$ZodType>
      in?: z.core.$ZodType
      out?: z.core.$ZodType
      innerType?: z.core.$ZodType
      options?: z.core.$ZodType[]
    }
  }
  if (def.shape) return Object.entries(def.shape)
  return [def.in, def.innerType, ...(def.options ?? [])].flatMap(inner => (inner ? fieldsOf(inner) : []))
}

function elementOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  const { def } = schema._zod as unknown as {
    def: { element?: z.core.$ZodType; in?: z.core.$ZodType; innerType?: z.core.$ZodType; options?: z.core.$ZodType[] }
  }
  return def.element ?? [def.in, def.innerType, ...(def.options ?? [])].map(inner => inner && elementOf(inner)).find(Boolean)
}

const values = [
  undefined,
  null,
  true,
  -1,
  0,
  1.5,
  1e12,
  Number.NaN,
  '',
  ' ',
  'x',
  'x'.repeat(60_000),
  '\0',
  '\ud800',
  '12',
  '-3',
  '2026-13-45',
  [],
  [null],
  [1],
  ['x'],
  Array.from({ length: 200 }, (_, index) => `x${index}`),
  {},
  { x: 1 },
  new Date(Number.NaN)
]

/** Invalid bodies: each value alone, and as the only field, at two depths. */
function* bodies(schema: z.core.$ZodType): Generator<unknown> {
  yield* values
  yield { surprising_field: 1 }
  for (const [name, field] of fieldsOf(schema)) {
    for (const value of values) yield { [name]: value }
    const inner = fieldsOf(field)
    for (const [key] of inner) for (const value of values) yield { [name]: { [key]: value } }
    const element = elementOf(field)
    if (element) for (const [key] of fieldsOf(element)) for (const value of values) yield { [name]: [{ [key]: value }] }
  }
  for (const action of [
    'reassign',
    'close',
    'set_status',
    'set_severity',
    'set_priority',
    'set_category',
    'snooze',
    'add_tag',
    'remove_tag',
    'delete'
  ])
    for (const value of values) yield { action, value }
}

const raw =
  /invalid (?:input|option|string|date|key|value|type|uuid|email|url|iso|element|union)|expected|received|too (?:small|big|short|long)|unrecognized|undefined|\bNaN\b|regex|pattern|\bzod\b|[<>]=/i

describe.each(files)('shared/schemas/%s', file => {
  test('invalid input is answered with plain sentences, never with raw messages of zod', async () => {
    const schemas = Object.entries((await import(`../../../shared/schemas/${basename(file, '.ts')}.ts`)) as Record<string, unknown>).filter(
      (entry): entry is [string, z.ZodType] => entry[1] instanceof z.ZodType
    )
    for (const [name, schema] of schemas) {
      for (const body of bodies(schema)) {
        for (const { path, message } of schema.safeParse(body).error?.issues ?? []) {
          const what = `${name}.${path.join('.')}: "${message}" for ${JSON.stringify(body)?.slice(0, 100)}`
          expect(message, what).not.toMatch(raw)
          expect(message, what).toMatch(/^[\p{Lu}#"]/u)
          expect(message.length, what).toBeGreaterThan(5)
        }
      }
    }
  })
})

describe('default messages of schemas', () => {
  test.each<[z.ZodType, unknown, string]>([
    [z.string(), undefined, 'This is required'],
    [z.string(), 5, 'Must be text'],
    [z.number(), 'x', 'Must be a number'],
    [z.int(), 1.5, 'Must be a whole number'],
    [z.boolean(), 'yes', 'Must be true or false'],
    [z.array(z.string()), 'x', 'Must be a list'],
    [z.strictObject({}), null, 'Must be an object'],
    [z.strictObject({}), { x: 1 }, 'Unknown field'],
    [z.enum(['a', 'b', 'c']), 'x', 'Must be a, b or c'],
    [z.literal('a'), 'x', 'Must be a'],
    [z.string().min(1), '', 'This is required'],
    [z.string().min(8), 'x', 'Must have at least 8 characters'],
    [z.string().max(1), 'xx', 'Must have at most 1 character'],
    [z.array(z.any()).min(2), [], 'Must have at least 2 entries'],
    [z.number().min(1), 0, 'Must be at least 1'],
    [z.number().max(5), 6, 'Must be at most 5'],
    [z.uuid(), 'x', 'Not a valid id'],
    [z.iso.datetime(), 'x', 'Not an ISO 8601 time'],
    [z.string().regex(/x/), 'y', 'Not in the right form'],
    [z.union([z.number(), z.boolean()]), 'x', 'Not in one of the right forms'],
    [z.string().refine(() => false), 'x', 'Not a valid value']
  ])('the default message of case %# is readable', (schema, input, message) => {
    expect(schema.safeParse(input).error!.issues.map(issue => issue.message)).toEqual([message])
  })
})
