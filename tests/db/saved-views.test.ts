import { describe, expect, test } from 'vitest'
import { as, service, session, type Session } from '../support/as.ts'
import { describeRights, everybody, managers } from '../support/matrix.ts'
import { acme, adam, bob, initech, unknownId, vera } from '../support/world.ts'

describeRights('public.saved_views', [
  { does: 'reads a shared view', by: everybody, run: sql => sql`select * from saved_views where id = ${acme.views.shared}` },
  { does: "reads Bob's view", by: ['a member'], run: sql => sql`select * from saved_views where id = ${acme.views.bobs}` },
  {
    does: 'saves a view',
    by: everybody,
    run: (sql, { id }) => sql`insert into saved_views (team_id, user_id, name) values (${acme.id}, ${id}, 'New') returning id`
  },
  {
    does: 'shares a new view',
    by: managers,
    run: (sql, { id }) =>
      sql`insert into saved_views (team_id, user_id, name, is_shared) values (${acme.id}, ${id}, 'New', true) returning id`
  },
  {
    does: "saves a view in Bob's name",
    by: ['a member'],
    run: sql => sql`insert into saved_views (team_id, user_id, name) values (${acme.id}, ${bob.id}, 'New') returning id`
  },
  {
    does: 'saves a view without an owner',
    by: [],
    run: sql => sql`insert into saved_views (team_id, user_id, name) values (${acme.id}, null, 'New') returning id`
  },
  {
    does: 'renames a shared view',
    by: managers,
    run: sql => sql`update saved_views set name = 'Other', filters = '{}', position = 3 where id = ${acme.views.shared} returning id`
  },
  {
    does: "renames Bob's view",
    by: ['a member'],
    run: sql => sql`update saved_views set name = 'Other' where id = ${acme.views.bobs} returning id`
  },
  {
    does: "shares Bob's view",
    by: [],
    run: sql => sql`update saved_views set is_shared = true where id = ${acme.views.bobs} returning id`
  },
  {
    does: 'stops sharing the shared view',
    by: ['an admin'],
    run: sql => sql`update saved_views set is_shared = false where id = ${acme.views.shared} returning id`
  },
  ...Object.entries({ id: unknownId, team_id: initech.id, user_id: bob.id, created_at: '2020-01-01' }).map(([column, value]) => ({
    does: `writes ${column} of a view`,
    by: [],
    run: (sql: Session['sql']) => sql`update saved_views set ${sql({ [column]: value })} where id = ${acme.views.shared} returning id`
  })),
  { does: 'deletes a shared view', by: managers, run: sql => sql`delete from saved_views where id = ${acme.views.shared} returning id` },
  { does: "deletes Bob's view", by: ['a member'], run: sql => sql`delete from saved_views where id = ${acme.views.bobs} returning id` }
])

describe('saved views', () => {
  test('the private views of a member who leaves are deleted, and the shared ones stay without an owner', () =>
    session(service, async ({ sql }) => {
      await sql`delete from team_members where team_id = ${acme.id} and user_id in (${bob.id}, ${adam.id})`
      expect(await sql`select name, user_id from saved_views where team_id = ${acme.id}`).toEqual([{ name: "Nobody's", user_id: null }])
    }))

  test('a person has at most 50 saved views', () =>
    session(service, async ({ sql, become, refusal }) => {
      await sql`
        insert into saved_views (team_id, user_id, name) select ${acme.id}, ${vera.id}, 'View ' || n from generate_series(1, 49) as n`
      await become(vera)
      await sql`insert into saved_views (team_id, user_id, name) values (${acme.id}, ${vera.id}, 'The fiftieth')`
      expect(
        (await refusal(sql => sql`insert into saved_views (team_id, user_id, name) values (${acme.id}, ${vera.id}, 'One more')`)).code
      ).toBe('PT422')
    }))

  test('the filters of a saved view are an object of bounded size', async () => {
    for (const filters of ['[]', '"open"', JSON.stringify({ q: 'x'.repeat(4_000) })]) {
      await expect(
        as(service, sql => sql`update saved_views set filters = ${filters}::text::jsonb where id = ${acme.views.shared}`)
      ).rejects.toMatchObject({ code: '23514' })
    }
  })
})
