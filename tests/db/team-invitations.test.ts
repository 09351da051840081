import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { anonymous, service, session, type Session } from '../support/as.ts'
import { acme, adam, ann, bob, dan, vera } from '../support/world.ts'

const digest = () => randomBytes(32)

describe('invitations', () => {
  const token = digest()

  /** Invites Dan's mailbox, as Ann unless `by` is given. */
  async function invite({ as }: Session, { role = 'member', by = ann }: { role?: string; by?: typeof ann | typeof adam } = {}) {
    await as(by, sql => sql`select private.save_invitation(${acme.id}, ${dan.email}, ${role}, ${token})`)
  }

  const accept = (sql: Session['sql']) => sql`select private.accept_invitation(${token}) as team_id`

  test('the holder of a token previews the invitation, valid for 72 hours, without signing in', () =>
    session(anonymous, async session => {
      await invite(session)
      const preview = await session.sql`select * from private.invitation_preview(${token})`
      expect(preview).toEqual([{ team_name: 'Acme', email: dan.email, role: 'member', invited_by: ann.name, expires_at: expect.any(Date) }])
      const hours = ((preview[0]!.expires_at as Date).getTime() - Date.now()) / 3_600_000
      expect(hours).toBeGreaterThan(71.9)
      expect(hours).toBeLessThan(72.1)
    }))

  test('accepting an invitation adds a member with its role, and works only once', () =>
    session(dan, async session => {
      await invite(session)
      expect(await accept(session.sql)).toEqual([{ team_id: acme.id }])
      expect(await session.sql`select role from team_members where team_id = ${acme.id} and user_id = ${dan.id}`).toEqual([
        { role: 'member' }
      ])
      expect((await session.refusal(accept)).code).toBe('PT404')
      expect(await session.sql`select * from private.invitation_preview(${token})`).toHaveLength(0)
    }))

  test('an account with another address cannot accept an invitation', () =>
    session(bob, async session => {
      await invite(session)
      expect(await session.refusal(accept)).toMatchObject({ code: 'PT403', detail: 'wrong_mailbox' })
    }))

  test('the address of the account decides who can accept an invitation, not the email claim of the token', () =>
    session({ id: bob.id, email: dan.email }, async session => {
      await invite(session)
      expect(await session.refusal(accept)).toMatchObject({ code: 'PT403', detail: 'wrong_mailbox' })
    }))

  test('an account with an unconfirmed address cannot accept an invitation', () =>
    session(dan, async session => {
      await invite(session)
      await session.as(service, sql => sql`update auth.users set email_confirmed_at = null where id = ${dan.id}`)
      expect(await session.refusal(accept)).toMatchObject({ code: 'PT403', detail: 'wrong_mailbox' })
    }))

  test('an expired invitation can be neither accepted nor previewed', () =>
    session(dan, async session => {
      await invite(session)
      await session.as(
        service,
        sql => sql`update team_invitations set expires_at = now() - interval '1 second' where token_hash = ${token}`
      )
      expect((await session.refusal(accept)).code).toBe('PT404')
      expect(await session.sql`select * from private.invitation_preview(${token})`).toHaveLength(0)
    }))

  test.each([
    ['the inviter was demoted', 'admin', sql => sql`update team_members set role = 'member' where user_id = ${adam.id}`],
    ['the inviter was removed', 'member', sql => sql`delete from team_members where user_id = ${adam.id}`],
    ['the account of the inviter was deleted', 'viewer', sql => sql`delete from auth.users where id = ${adam.id}`]
  ] as [string, string, (sql: Session['sql']) => Promise<unknown>][])('an invitation is no longer valid when %s', (_, role, change) =>
    session(dan, async session => {
      await invite(session, { role, by: adam })
      await session.as(service, change)
      expect(await session.refusal(accept)).toMatchObject({ code: 'PT404', detail: 'invitation_invalid' })
      expect(
        await session.as(service, sql => sql`select user_id from team_members where team_id = ${acme.id} and user_id = ${dan.id}`)
      ).toHaveLength(0)
    })
  )

  test('an invitation as owner is no longer valid when its inviter is not an owner any more', () =>
    session(dan, async session => {
      await invite(session, { role: 'owner' })
      await session.as(service, sql => sql`update team_members set role = 'owner' where user_id = ${adam.id}`)
      await session.as(service, sql => sql`update team_members set role = 'admin' where user_id = ${ann.id}`)
      expect((await session.refusal(accept)).code).toBe('PT404')
    }))

  test('inviting a mailbox again replaces the token and the role, and restarts the 72 hours', () =>
    session(service, async ({ sql, as }) => {
      const [first, second] = [digest(), digest()]
      const save = (hash: Buffer, role: string) =>
        as(ann, sql => sql`select private.save_invitation(${acme.id}, 'again@x.test', ${role}, ${hash}) as id`)
      const [before] = await save(first, 'admin')
      await sql`update team_invitations set expires_at = now() where token_hash = ${first}`
      const [after] = await save(second, 'viewer')
      expect(after).toEqual(before)
      expect(
        await sql`
          select role, token_hash, expires_at > now() + interval '71 hours' as fresh from team_invitations where email = 'again@x.test'`
      ).toEqual([{ role: 'viewer', token_hash: second, fresh: true }])
    }))

  test('a member cannot be invited again', () =>
    session(ann, async ({ refusal }) => {
      expect(await refusal(sql => sql`select private.save_invitation(${acme.id}, ${vera.email}, 'admin', ${digest()})`)).toMatchObject({
        code: 'PT409',
        detail: 'already_member'
      })
    }))

  test('accepting an invitation never changes the role of somebody who is already a member', () =>
    session(dan, async session => {
      await invite(session, { role: 'owner' })
      await session.as(service, sql => sql`insert into team_members (team_id, user_id, role) values (${acme.id}, ${dan.id}, 'viewer')`)
      await accept(session.sql)
      expect(await session.sql`select role from team_members where team_id = ${acme.id} and user_id = ${dan.id}`).toEqual([
        { role: 'viewer' }
      ])
    }))

  test('the token hash of an invitation must be a SHA-256 digest', () =>
    session(ann, async ({ refusal }) => {
      for (const hash of [Buffer.alloc(0), Buffer.from('0'), createHash('sha512').digest()]) {
        expect((await refusal(sql => sql`select private.save_invitation(${acme.id}, 'x@x.test', 'member', ${hash})`)).code).toBe('23514')
      }
      expect((await refusal(sql => sql`select private.save_invitation(${acme.id}, 'x@x.test', 'member', null)`)).code).toBe('23502')
    }))
})
