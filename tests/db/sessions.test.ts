import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { anonymous, impersonate, service, session, type Session } from '../support/as.ts'
import { ageSignIns, ann, bob, ivan, sessionIdOf } from '../support/world.ts'

type Sql = Session['sql']

const isLive = async (sql: Sql) => (await sql<[{ live: boolean }]>`select private.has_live_session() as live`)[0].live
const isRecent = async (sql: Sql) => (await sql<[{ recent: boolean }]>`select private.has_recent_sign_in() as recent`)[0].recent

describe('a session', () => {
  test('a session is live until its row is deleted', () =>
    session(ann, async ({ sql, as }) => {
      expect(await isLive(sql)).toBe(true)
      await as(service, sql => sql`delete from auth.sessions where id = ${sessionIdOf(ann)!}`)
      expect(await isLive(sql)).toBe(false)
    }))

  test.each([
    ['its account is banned', "update auth.users set banned_until = now() + interval '1 minute' where id = $1"],
    ['its account is soft-deleted', 'update auth.users set deleted_at = now() where id = $1'],
    ['its not_after has passed', "update auth.sessions set not_after = now() - interval '1 second' where user_id = $1"]
  ])('a session has ended when %s', (_, statement) =>
    session(ann, async ({ sql, as }) => {
      await as(service, sql => sql.unsafe(statement, [ann.id]))
      expect(await isLive(sql)).toBe(false)
      expect(await as(bob, isLive)).toBe(true)
    })
  )

  test('a session is live again when the ban of its account is over', () =>
    session(ann, async ({ sql, as }) => {
      await as(service, sql => sql`update auth.users set banned_until = now() - interval '1 second' where id = ${ann.id}`)
      expect(await isLive(sql)).toBe(true)
    }))

  test("another person's session is neither live nor recent for the caller", () =>
    session(service, async ({ sql }) => {
      await impersonate(sql, ann)
      const claims = JSON.stringify({ sub: ann.id, session_id: sessionIdOf(ivan), role: 'authenticated' })
      await sql`select set_config('request.jwt.claims', ${claims}, true)`
      expect(await isLive(sql)).toBe(false)
      expect(await isRecent(sql)).toBe(false)
    }))

  test('the Data API refuses an ended session before each request, and no other caller', () =>
    session(ann, async ({ sql, as, refusal }) => {
      await sql`select private.check_data_api_request()`
      await as(anonymous, sql => sql`select private.check_data_api_request()`)
      await as(service, sql => sql`delete from auth.sessions where user_id = ${ann.id}`)
      expect(await refusal(sql => sql`select private.check_data_api_request()`)).toMatchObject({ code: 'PT401', detail: 'session_ended' })
      await as(bob, sql => sql`select private.check_data_api_request()`)
      expect(
        await as(
          service,
          sql => sql`
            select setconfig from pg_db_role_setting
            where setrole = 'authenticator'::regrole and 'pgrst.db_pre_request=private.check_data_api_request' = any (setconfig)`
        )
      ).toHaveLength(1)
    }))
})

describe('a sign-in', () => {
  test('a sign-in is recent for 15 minutes, and a refresh does not extend that', () =>
    session(ann, async ({ sql, as, refusal }) => {
      await as(service, sql => ageSignIns(sql, ann, '14 minutes 50 seconds'))
      expect(await isRecent(sql)).toBe(true)
      await sql`select private.require_recent_sign_in()`
      await as(service, sql => ageSignIns(sql, ann, '15 minutes 1 second'))
      expect(await isRecent(sql)).toBe(false)
      expect(await refusal(sql => sql`select private.require_recent_sign_in()`)).toMatchObject({
        code: 'PT403',
        detail: 'reauthentication_required'
      })
    }))

  test('claims without a known session never count as a recent sign-in', () =>
    session(service, async ({ sql }) => {
      for (const claims of [
        { sub: ann.id },
        { sub: ann.id, session_id: randomUUID() },
        { sub: ann.id, session_id: null, amr: [{ method: 'password', timestamp: Date.now() / 1000 }] }
      ]) {
        await sql`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`
        expect(await isRecent(sql)).toBe(false)
      }
    }))
})
