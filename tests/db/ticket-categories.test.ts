import { describe, expect, test } from 'vitest'
import { service, session, type Session } from '../support/as.ts'
import { acme, adam, ann, initech, ivan, unknownId } from '../support/world.ts'

describe('ticket categories', () => {
  test('a category key is unique in its team and has the form of an identifier', () =>
    session(ann, async ({ refusal }) => {
      expect((await refusal(sql => sql`insert into ticket_categories (team_id, key, name) values (${acme.id}, 'bug', 'Again')`)).code).toBe(
        '23505'
      )
      for (const key of ['', 'Bug', 'a b', '1st', 'a-b', 'x'.repeat(51)]) {
        expect(
          (await refusal(sql => sql`insert into ticket_categories (team_id, key, name) values (${acme.id}, ${key}, 'x')`)).code,
          key
        ).toBe('23514')
      }
    }))

  test('a category name is unique in its team, ignoring case', () =>
    session(ann, async ({ refusal }) => {
      expect((await refusal(sql => sql`insert into ticket_categories (team_id, key, name) values (${acme.id}, 'bug_2', 'BUG')`)).code).toBe(
        '23505'
      )
      expect(
        (await refusal(sql => sql`update ticket_categories set name = 'billing' where team_id = ${acme.id} and key = 'bug'`)).code
      ).toBe('23505')
    }))

  test('a team has at most 100 categories', () =>
    session(ann, async ({ sql, refusal }) => {
      await sql`insert into ticket_categories (team_id, key, name) select ${acme.id}, 'c_' || n, 'C ' || n from generate_series(1, 94) as n`
      expect(
        await refusal(sql => sql`insert into ticket_categories (team_id, key, name) values (${acme.id}, 'more', 'More')`)
      ).toMatchObject({ code: 'PT422', detail: 'routing_limit' })
    }))

  test('deleting a category moves its tickets to "other" in one version each and deletes its types and items', () =>
    session(adam, async ({ sql, as }) => {
      await sql`update tickets set type_id = ${acme.type}, item_id = ${acme.item} where id = ${acme.tickets.bobs}`
      const [{ version }] = await sql<[{ version: number }]>`select version from tickets where id = ${acme.tickets.bobs}`
      const theirs = await as(service, sql => sql`select * from tickets where team_id = ${initech.id}`)
      await sql`delete from ticket_categories where team_id = ${acme.id} and key = 'bug'`
      expect(await sql`select category, type_id, item_id, version from tickets where id = ${acme.tickets.bobs}`).toEqual([
        { category: 'other', type_id: null, item_id: null, version: version + 1 }
      ])
      expect(await sql`select id from ticket_types where id = ${acme.type}`).toHaveLength(0)
      expect(await sql`select id from ticket_items where id = ${acme.item}`).toHaveLength(0)
      expect(await as(service, sql => sql`select * from tickets where team_id = ${initech.id}`)).toEqual(theirs)
    }))

  test('the category "other", which receives the tickets of deleted categories, cannot be deleted', () =>
    session(ann, async ({ refusal }) => {
      expect(await refusal(sql => sql`delete from ticket_categories where team_id = ${acme.id} and key = 'other'`)).toMatchObject({
        code: 'PT409',
        detail: 'category_required'
      })
    }))

  test('deleting a team deletes its categories, types, items and tickets', () =>
    session(service, async ({ sql }) => {
      await sql`update tickets set type_id = ${acme.type}, item_id = ${acme.item} where id = ${acme.tickets.bobs}`
      await sql`delete from teams where id = ${acme.id}`
      for (const table of ['ticket_categories', 'ticket_types', 'ticket_items', 'tickets'])
        expect(await sql`select id from ${sql(table)} where team_id = ${acme.id}`, table).toHaveLength(0)
    }))
})

describe('the category path of a ticket', () => {
  const { bobs } = acme.tickets
  const setPath = (changes: Record<string, string | null>) => (sql: Session['sql']) =>
    sql<
      { category: string; type_id: string | null; item_id: string | null }[]
    >`update tickets set ${sql(changes)} where id = ${bobs} returning category, type_id, item_id`

  test('a type outside the category or an item outside the type is refused, like one of another team', () =>
    session(ann, async ({ sql, refusal }) => {
      const [billing] = await sql<
        [{ id: string }]
      >`insert into ticket_types (team_id, category, name) values (${acme.id}, 'billing', 'Invoices') returning id`
      const types = [
        await refusal(setPath({ type_id: billing.id })),
        await refusal(setPath({ type_id: initech.type })),
        await refusal(setPath({ type_id: unknownId })),
        await refusal(setPath({ type_id: acme.type, category: 'billing' }))
      ]
      for (const { code, message } of types) expect({ code, message }).toEqual({ code: '23503', message: types[0]!.message })
      const items: Record<string, string>[] = [
        { type_id: acme.type, item_id: initech.item },
        { type_id: acme.type, item_id: unknownId },
        { type_id: billing.id, category: 'billing', item_id: acme.item }
      ]
      for (const changes of items) {
        expect((await refusal(setPath(changes))).code).toBe('23503')
      }
      expect((await refusal(setPath({ item_id: acme.item }))).code).toBe('23514')
      expect(
        (
          await refusal(
            sql => sql`
              insert into tickets (team_id, subject, description, category, type_id)
              values (${acme.id}, 'x', 'x', 'billing', ${acme.type})`
          )
        ).code
      ).toBe('23503')
      expect(
        (
          await refusal(
            sql =>
              sql`insert into tickets (team_id, subject, description, category, item_id) values (${acme.id}, 'x', 'x', 'bug', ${acme.item})`
          )
        ).code
      ).toBe('23514')
    }))

  test('a new category clears type and item, and a new type clears the item, unless they are given with it', () =>
    session(ann, async ({ sql }) => {
      const [{ id: billing }] = await sql<
        [{ id: string }]
      >`insert into ticket_types (team_id, category, name) values (${acme.id}, 'billing', 'Invoices') returning id`
      const [{ id: copy }] = await sql<
        [{ id: string }]
      >`insert into ticket_items (team_id, type_id, name) values (${acme.id}, ${billing}, 'Copies') returning id`
      const [{ id: other }] = await sql<
        [{ id: string }]
      >`insert into ticket_types (team_id, category, name) values (${acme.id}, 'bug', 'Printing') returning id`
      const whole = { category: 'bug', type_id: acme.type, item_id: acme.item }
      const change = async (changes: Record<string, string | null>) =>
        [...(await setPath(whole)(sql)), ...(await setPath(changes)(sql))].at(-1)
      expect(await change({ category: 'billing' })).toEqual({ category: 'billing', type_id: null, item_id: null })
      expect(await change({ category: 'billing', type_id: billing })).toEqual({ category: 'billing', type_id: billing, item_id: null })
      expect(await change({ category: 'billing', type_id: billing, item_id: copy })).toEqual({
        category: 'billing',
        type_id: billing,
        item_id: copy
      })
      expect(await change({ type_id: other })).toEqual({ category: 'bug', type_id: other, item_id: null })
      expect(await change({ type_id: null })).toEqual({ category: 'bug', type_id: null, item_id: null })
      expect(await change({ item_id: null })).toEqual({ category: 'bug', type_id: acme.type, item_id: null })
    }))

  test("an owner cannot read another team's types and items", () =>
    session(ivan, async ({ sql }) => {
      expect(
        await sql`select id from ticket_types where team_id = ${acme.id} union all select id from ticket_items where team_id = ${acme.id}`
      ).toHaveLength(0)
    }))
})
