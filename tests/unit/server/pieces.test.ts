import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringifyInPieces } from '#server/utils/pieces'

async function gather(body: unknown): Promise<{ text: string; pieces: number } | undefined> {
  const pieces = stringifyInPieces(body)
  if (!pieces) return
  const all: string[] = []
  for await (const piece of pieces) all.push(piece)
  return { text: all.join(''), pieces: all.length }
}

const rows = fc.array(
  fc.oneof(
    fc.jsonValue(),
    fc.record({ id: fc.integer(), text: fc.string({ unit: 'binary' }), none: fc.constant(undefined) }),
    fc.constant(undefined)
  ),
  { minLength: 10, maxLength: 40 }
)

describe('stringifyInPieces', () => {
  test('pieces add up to the text of JSON.stringify', () =>
    fc.assert(
      fc.asyncProperty(rows, rows, fc.jsonValue(), async (list, other, value) => {
        for (const body of [
          list,
          { data: list, next_cursor: value },
          { value, 'none': undefined, list, other, 'few': other.slice(0, 2), 'a "b"': list }
        ]) {
          expect((await gather(body))!.text).toBe(JSON.stringify(body))
        }
      }),
      { numRuns: 200 }
    ))

  test('short bodies and bodies without a top-level list are not cut into pieces', () => {
    for (const body of [
      null,
      'text',
      5,
      [],
      [1, 2],
      { id: 1 },
      { data: [1, 2] },
      Buffer.alloc(100),
      new Date(0),
      { nested: { data: Array(50).fill(1) } }
    ])
      expect(stringifyInPieces(body)).toBeUndefined()
  })

  test('stringifyInPieces yields to the event loop about every 100,000 characters', async () => {
    const body = { data: Array.from({ length: 200 }, (_, id) => ({ id, text: 'x'.repeat(10_000) })) }
    let turns = 0
    const count = () => {
      turns++
      timer = setImmediate(count)
    }
    let timer = setImmediate(count)
    const { text, pieces } = (await gather(body))!
    clearImmediate(timer)
    expect(text).toBe(JSON.stringify(body))
    expect(pieces).toBeGreaterThan(15)
    expect(turns).toBeGreaterThan(15)
  })
})
