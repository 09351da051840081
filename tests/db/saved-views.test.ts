import { describe, expect, test } from 'vitest'
import { as, service, session } from '../support/as.ts'
import { acme, adam, bob, vera } from '../support/world.ts'

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
