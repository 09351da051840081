import { describe, expect, test } from 'vitest'
import { session } from '../support/as.ts'
import { acme, ann, initech, unknownId } from '../support/world.ts'

const { type, item } = acme
const { bobs } = acme.tickets

describe('ticket items', () => {
  test('an item name is unique in its type, ignoring case', () =>
    session(ann, async ({ refusal }) => {
      expect((await refusal(sql => sql`insert into ticket_items (team_id, type_id, name) values (${acme.id}, ${type}, 'vpn')`)).code).toBe(
        '23505'
      )
    }))

  test('the type of an item must belong to the same team', () =>
    session(ann, async ({ refusal }) => {
      for (const id of [initech.type, unknownId]) {
        expect(
          (await refusal(sql => sql`insert into ticket_items (team_id, type_id, name) values (${acme.id}, ${id}, 'x')`)).code,
          id
        ).toBe('23503')
      }
    }))

  test('a type has at most 100 items', () =>
    session(ann, async ({ sql, refusal }) => {
      await sql`insert into ticket_items (team_id, type_id, name) select ${acme.id}, ${type}, 'Item ' || n from generate_series(1, 99) as n`
      expect(
        await refusal(sql => sql`insert into ticket_items (team_id, type_id, name) values (${acme.id}, ${type}, 'One more')`)
      ).toMatchObject({ code: 'PT422', detail: 'routing_limit' })
    }))

  test('deleting an item clears it from its tickets, which keep the type', () =>
    session(ann, async ({ sql }) => {
      await sql`update tickets set type_id = ${type}, item_id = ${item} where id = ${bobs}`
      const [{ version }] = await sql<[{ version: number }]>`select version from tickets where id = ${bobs}`
      await sql`delete from ticket_items where id = ${item}`
      expect(await sql`select category, type_id, item_id, version from tickets where id = ${bobs}`).toEqual([
        { category: 'bug', type_id: type, item_id: null, version: version + 1 }
      ])
    }))
})
