import type { TransactionSql } from 'postgres'
import { describe, expect, test } from 'vitest'
import { service, session } from '../support/as.ts'
import { keyOfBob } from '../support/authorization/principals.ts'
import { acme, ann, bob, initech, vera } from '../support/world.ts'

const sha256 = 'a'.repeat(64)
const create = async (sql: TransactionSql, state = 'receiving') => {
  const [row] = await sql<[{ id: string }]>`select private.create_upload(${acme.id}, 'a.txt', 5, ${sha256}, 'text/plain', ${state}) as id`
  return row.id
}
const finish = (sql: TransactionSql, id: string, state: string, signature: string | null = null) =>
  sql`select private.finish_upload(${acme.id}, ${id}, ${state}, ${signature})`
const visible = (sql: TransactionSql) => sql<{ id: string }[]>`select id from uploads order by created_at`

describe('uploads', () => {
  test('an upload is received, then clean, and expires after a day', () =>
    session(vera, async ({ sql }) => {
      const id = await create(sql)
      await finish(sql, id, 'clean')
      const [row] = await sql`select *, expires_at - created_at = interval '24 hours' as lasts_a_day from uploads where id = ${id}`
      expect(row).toMatchObject({ state: 'clean', uploaded_by: vera.id, api_key_id: null, lasts_a_day: true })
    }))

  test('a finished upload never changes its state again', () =>
    session(vera, async ({ sql }) => {
      const id = await create(sql, 'scanning')
      await finish(sql, id, 'infected', 'Test')
      await finish(sql, id, 'clean')
      expect(await sql`select state, signature from uploads where id = ${id}`).toEqual([{ state: 'infected', signature: 'Test' }])
    }))

  test('a new upload is neither clean nor anything else that a scan decides', () =>
    session(vera, async ({ sql, refusal }) => {
      for (const state of ['clean', 'unscanned', 'infected']) expect((await refusal(() => create(sql, state))).code).toBe('22023')
    }))

  test('a key sees its own uploads and not those of its member, and the member sees none of the key', () =>
    session(bob, async ({ sql, as, become }) => {
      await become(keyOfBob(['write']))
      const id = await create(sql)
      expect(await visible(sql)).toEqual([{ id }])
      expect(await as(bob, visible)).toEqual([{ id: acme.upload }])
    }))

  test('owners do not see the uploads of others', () =>
    session(ann, async ({ sql }) => {
      expect(await visible(sql)).toEqual([])
    }))

  test('at most 100 uploads of a person wait in a team', () =>
    session(bob, async ({ sql, refusal, as }) => {
      await as(
        service,
        sql => sql`
        insert into uploads (team_id, uploaded_by, name, size, sha256, content_type, state)
        select ${acme.id}, ${bob.id}, 'a.txt', 5, ${sha256}, 'text/plain', 'clean' from generate_series(1, 99)`
      )
      expect(await refusal(create)).toMatchObject({ code: 'PT422', detail: 'too_many_uploads' })
      expect(await visible(sql)).toHaveLength(100)
    }))

  test('an infected upload is an event of the team, with its digest and what was found', () =>
    session(bob, async ({ sql, as }) => {
      await finish(sql, await create(sql, 'scanning'), 'infected', 'Win.Test-1')
      const events = await as(service, sql => sql`select type, actor_id, ticket_id, "to" from ticket_events order by id desc limit 1`)
      expect(events).toEqual([
        {
          type: 'attachment.infected',
          actor_id: bob.id,
          ticket_id: null,
          to: { name: 'a.txt', sha256, signature: 'Win.Test-1', uploaded_by: { id: bob.id, full_name: bob.name } }
        }
      ])
    }))

  test('uploads are deleted with the membership of their uploader', () =>
    session(service, async ({ sql }) => {
      await sql`delete from team_members where team_id = ${acme.id} and user_id = ${bob.id}`
      expect(await sql`select id from uploads`).toEqual([{ id: initech.upload }])
    }))

  test('a name is one visible line without directories', () =>
    session(service, async ({ sql, refusal }) => {
      for (const name of ['', 'a/b', 'a\\b', 'a\nb', 'a\u202eb', ' a', 'x'.repeat(256)])
        expect((await refusal(sql => sql`update uploads set name = ${name}`)).code, JSON.stringify(name)).toBe('23514')
      await sql`update uploads set name = 'Grüße 👋.txt'`
    }))
})
