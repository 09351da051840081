import { describe, expect, test } from 'vitest'
import { service, session } from '../support/as.ts'
import { acme, ann, initech } from '../support/world.ts'

const { type, item } = acme
const { bobs, unassigned } = acme.tickets

describe('ticket types', () => {
  test('a type name is unique in its category, ignoring case, and can be reused in another', () =>
    session(ann, async ({ sql, refusal }) => {
      expect(
        (await refusal(sql => sql`insert into ticket_types (team_id, category, name) values (${acme.id}, 'bug', 'NETWORK')`)).code
      ).toBe('23505')
      expect(
        await sql`insert into ticket_types (team_id, category, name) values (${acme.id}, 'billing', 'Network') returning id`
      ).toHaveLength(1)
    }))

  test('the category of a type must belong to the same team', () =>
    session(ann, async ({ as, refusal }) => {
      await as(service, sql => sql`insert into ticket_categories (team_id, key, name) values (${initech.id}, 'theirs', 'Theirs')`)
      for (const category of ['theirs', 'nobodys']) {
        expect(
          (await refusal(sql => sql`insert into ticket_types (team_id, category, name) values (${acme.id}, ${category}, 'x')`)).code,
          category
        ).toBe('23503')
      }
    }))

  test('a category has at most 100 types', () =>
    session(ann, async ({ sql, refusal }) => {
      await sql`
        insert into ticket_types (team_id, category, name) select ${acme.id}, 'billing', 'Type ' || n from generate_series(1, 100) as n`
      expect(
        await refusal(sql => sql`insert into ticket_types (team_id, category, name) values (${acme.id}, 'billing', 'One more')`)
      ).toMatchObject({ code: 'PT422', detail: 'routing_limit' })
      expect(
        await sql`insert into ticket_types (team_id, category, name) values (${acme.id}, 'question', 'Elsewhere') returning id`
      ).toHaveLength(1)
    }))

  test('deleting a type clears type and item of its tickets in one version each and keeps their category', () =>
    session(ann, async ({ sql }) => {
      await sql`update tickets set type_id = ${type}, item_id = ${item} where id = ${bobs}`
      const [{ version }] = await sql<[{ version: number }]>`select version from tickets where id = ${bobs}`
      const others = await sql`select version from tickets where id = ${unassigned}`
      await sql`delete from ticket_types where id = ${type}`
      expect(await sql`select category, type_id, item_id, version from tickets where id = ${bobs}`).toEqual([
        { category: 'bug', type_id: null, item_id: null, version: version + 1 }
      ])
      expect(await sql`select id from ticket_items where id = ${item}`).toHaveLength(0)
      expect(await sql`select version from tickets where id = ${unassigned}`).toEqual(others)
    }))
})
