import type { TransactionSql } from 'postgres'
import { describe, expect, test } from 'vitest'
import { anonymous, as, service, session } from '../support/as.ts'
import { acme, adam, ann, bob, dan, initech, ivan, unknownId, vera } from '../support/world.ts'

describe('profiles', () => {
  test('private.my_profile() answers the own profile with the e-mail', () =>
    session(dan, async ({ sql }) => {
      expect(await sql`select email, full_name from private.my_profile()`).toEqual([{ email: dan.email, full_name: dan.name }])
    }))

  test('owners see the addresses of members; viewers and other teams do not', async () => {
    const addresses = (person: typeof ann | typeof vera | typeof dan) =>
      as(person, sql => sql`select email from private.team_member_emails(${acme.id})`)
    expect(await addresses(ann)).toHaveLength(4)
    expect(await addresses(vera)).toHaveLength(0)
    expect(await addresses(dan)).toHaveLength(0)
  })

  test("a former member's name stays readable beside what they wrote", () =>
    session(service, async ({ sql, become }) => {
      await sql`delete from team_members where team_id = ${acme.id} and user_id = ${bob.id}`
      await become(vera)
      expect(await sql`select full_name from profiles where id = ${bob.id}`).toEqual([{ full_name: bob.name }])
      await become(bob)
      expect(await sql`select id from profiles`).toEqual([{ id: bob.id }])
    }))

  test('a profile is created with the account, follows its e-mail and is deleted with it', () =>
    session(service, async ({ sql }) => {
      await sql`
        insert into auth.users (id, email, raw_user_meta_data)
        values (${initech.replies.dans}, 'New@Acme.test', ${sql.json({ full_name: `  Line\nbreak ${'x'.repeat(200)}` })})`
      const [profile] = await sql<
        [{ email: string; full_name: string }]
      >`select email, full_name from profiles where id = ${initech.replies.dans}`
      expect(profile.email).toBe('new@acme.test')
      expect(profile.full_name).toMatch(/^Line break x{89}$/)
      await sql`update auth.users set email = 'newer@acme.test' where id = ${initech.replies.dans}`
      expect(await sql`select email from profiles where id = ${initech.replies.dans}`).toEqual([{ email: 'newer@acme.test' }])
      await sql`delete from auth.users where id = ${initech.replies.dans}`
      expect(await sql`select id from profiles where id = ${initech.replies.dans}`).toHaveLength(0)
    }))

  describe('a deleted account', () => {
    const profileOf = (sql: TransactionSql, id: string) =>
      sql`select kind, full_name, email, avatar_url, last_team_id, preferences from profiles where id = ${id}`
    const remove = (sql: TransactionSql, id: string) => sql`delete from auth.users where id = ${id}`

    test('the profile of a deleted account keeps only the name; replies and tickets stay, and other rows are deleted', () =>
      session(bob, async ({ sql, as }) => {
        await sql`select private.save_preferences('{"keys": false}'), private.save_avatar(${Buffer.from('x')}, 'image/png')`
        await sql`insert into reply_drafts (team_id, ticket_id, content) values (${acme.id}, ${acme.tickets.bobs}, 'A draft')`
        await sql`insert into saved_views (team_id, name) values (${acme.id}, 'Mine')`
        await as(
          service,
          sql =>
            sql`
              insert into mails (team_id, event_id, kind, recipient, recipient_user_id)
              values (${acme.id}, 1, 'member_notice', ${bob.email}, ${bob.id})`
        )
        const written = await as(
          service,
          sql =>
            sql<{ count: number }[]>`
              select count(*)::int from ticket_replies where user_id = ${bob.id}
              union all select count(*)::int from tickets where created_by = ${bob.id}`
        )
        await as(service, sql => remove(sql, bob.id))
        expect(await as(service, sql => profileOf(sql, bob.id))).toEqual([
          { kind: 'former', full_name: bob.name, email: null, avatar_url: null, last_team_id: null, preferences: {} }
        ])
        expect(
          await as(
            service,
            sql =>
              sql`
                select count(*)::int from ticket_replies where user_id = ${bob.id}
                union all select count(*)::int from tickets where created_by = ${bob.id}`
          )
        ).toEqual(written)
        for (const table of [
          'team_members',
          'api_keys',
          'reply_drafts',
          'saved_views',
          'notifications',
          'notification_preferences',
          'ticket_followers',
          'private.avatars'
        ]) {
          expect(await as(service, sql => sql`select from ${sql(table)} where user_id = ${bob.id}`), table).toHaveLength(0)
        }
        expect(
          await as(
            service,
            sql => sql`select from mails where recipient_user_id = ${bob.id} union all select from tickets where assigned_to = ${bob.id}`
          )
        ).toHaveLength(0)
        expect(
          await as(
            service,
            sql =>
              sql`
                select type, actor_id, "from" #>> '{member,full_name}' as name from ticket_events where type = 'member.removed'
                order by id desc limit 1`
          )
        ).toEqual([{ type: 'member.removed', actor_id: null, name: bob.name }])
        expect(await as(vera, sql => sql`select full_name, kind from profiles where id = ${bob.id}`)).toEqual([
          { full_name: bob.name, kind: 'former' }
        ])
        expect(await as(ivan, sql => sql`select from profiles where id = ${bob.id}`)).toHaveLength(0)
      }))

    test.each([['people who wrote tickets or replies', [vera, adam, dan]]])(
      'deleted accounts of %s leave a profile of kind former',
      (_, people) =>
        session(service, async ({ sql }) => {
          for (const { id } of people) await remove(sql, id)
          expect(await sql`select kind from profiles where id in ${sql(people.map(({ id }) => id))}`).toEqual(
            people.map(() => ({ kind: 'former' }))
          )
        })
    )

    test('a token of a deleted account can read and write nothing', () =>
      session(service, async ({ sql, become, refusal }) => {
        await remove(sql, bob.id)
        await become(bob)
        expect(await sql`update profiles set full_name = 'Back' where id = ${bob.id} returning id`).toHaveLength(0)
        for (const attempt of [
          (sql: TransactionSql) => sql`select private.create_team('Mine', 'mine')`,
          (sql: TransactionSql) => sql`select private.save_avatar(${Buffer.from('x')}, 'image/png')`,
          (sql: TransactionSql) => sql`select private.delete_avatar()`,
          (sql: TransactionSql) => sql`select private.save_preferences('{"keys": true}')`
        ])
          expect((await refusal(attempt)).code).toBe('42501')
        expect(await sql`select id from tickets`).toHaveLength(0)
        await become(service)
        expect(await profileOf(sql, bob.id)).toMatchObject([{ kind: 'former', full_name: bob.name, preferences: {} }])
        expect(
          await refusal(sql => sql`insert into team_members (team_id, user_id, role) values (${acme.id}, ${bob.id}, 'member')`)
        ).toMatchObject({ code: 'PT404' })
      }))

    test('an admin becomes owner when the account of the last owner is deleted, with an event', () =>
      session(service, async ({ sql }) => {
        await sql`delete from team_members where team_id = ${acme.id} and role = 'owner' and user_id <> ${ann.id}`
        await remove(sql, ann.id)
        expect(await sql`select user_id from team_members where team_id = ${acme.id} and role = 'owner'`).toEqual([{ user_id: adam.id }])
        expect(
          await sql`select type, actor_id from ticket_events where team_id = ${acme.id} and type like 'member.%' order by id desc limit 2`
        ).toEqual([
          { type: 'member.removed', actor_id: null },
          { type: 'member.role_changed', actor_id: null }
        ])
      }))

    test('without an admin, a member becomes owner, then a viewer, never a service agent; an empty team stays', () =>
      session(ann, async ({ sql, as, become }) => {
        await sql`
          select private.create_api_key(${acme.id}, null, 'n8n', array['read'], null, 'sk_12345678', ${Buffer.alloc(32, 9)}, 'member')`
        await become(service)
        const owners = async () =>
          (await sql<{ user_id: string }[]>`select user_id from team_members where team_id = ${acme.id} and role = 'owner'`).map(
            ({ user_id }) => user_id
          )
        for (const [deleted, heir] of [
          [adam, ann],
          [ann, bob],
          [bob, vera]
        ] as const) {
          await remove(sql, deleted.id)
          expect(await owners()).toEqual([heir.id])
        }
        await remove(sql, vera.id)
        expect(await owners()).toEqual([])
        expect(await as(service, sql => sql`select name from teams where id = ${acme.id}`)).toHaveLength(1)
        expect(await sql`select kind from profiles join team_members on user_id = id where team_id = ${acme.id}`).toEqual([
          { kind: 'service' }
        ])
      }))

    test('a soft-deleted account counts as deleted, and a restored account is a person again, without teams', () =>
      session(service, async ({ sql }) => {
        await sql`update auth.users set email = 'f00', deleted_at = now() where id = ${bob.id}`
        expect(await profileOf(sql, bob.id)).toMatchObject([{ kind: 'former', full_name: bob.name, email: null }])
        await sql`update auth.users set email = ${bob.email}, deleted_at = null where id = ${bob.id}`
        expect(await profileOf(sql, bob.id)).toMatchObject([{ kind: 'person', full_name: bob.name, email: bob.email }])
        expect(await sql`select from team_members where user_id = ${bob.id}`).toHaveLength(0)
      }))
  })

  test('an account without a name is named after its address', () =>
    session(service, async ({ sql }) => {
      for (const [email, metadata, name] of [
        ['solo@acme.test', {}, 'solo'],
        ['blank@acme.test', { full_name: ' ' }, 'blank'],
        [null, null, 'Somebody']
      ] as const) {
        await sql`
          insert into auth.users (id, email, raw_user_meta_data) values (gen_random_uuid(), ${email}, ${metadata && sql.json(metadata)})`
        expect(await sql`select full_name from profiles where email = ${email ?? ''}`).toEqual([{ full_name: name }])
      }
    }))

  test('last_team_id must be an own team; a foreign team and an unknown one are refused alike', () =>
    session(vera, async ({ sql, refusal }) => {
      const [foreign, missing] = [
        await refusal(sql => sql`update profiles set last_team_id = ${initech.id} where id = ${vera.id}`),
        await refusal(sql => sql`update profiles set last_team_id = ${unknownId} where id = ${vera.id}`)
      ]
      expect(foreign).toEqual(missing)
      expect(foreign.code).toBe('42501')
      await sql`update profiles set last_team_id = ${acme.id} where id = ${vera.id}`
    }))

  test('a person whose last team is gone can still change their name', () =>
    session(service, async ({ sql, become }) => {
      await sql`update profiles set last_team_id = ${acme.id} where id = ${bob.id}`
      await sql`delete from team_members where user_id = ${bob.id}`
      await become(bob)
      expect(await sql`update profiles set full_name = 'Bob B. Byrd' where id = ${bob.id} returning full_name`).toEqual([
        { full_name: 'Bob B. Byrd' }
      ])
      expect(await sql`select last_team_id from private.my_profile()`).toEqual([{ last_team_id: null }])
    }))

  test('deleting a team clears last_team_id', () =>
    session(service, async ({ sql }) => {
      await sql`update profiles set last_team_id = ${initech.id} where id = ${dan.id}`
      await sql`delete from teams where id = ${initech.id}`
      expect(await sql`select last_team_id from profiles where id = ${dan.id}`).toEqual([{ last_team_id: null }])
    }))
})

describe('pictures', () => {
  const picture = Buffer.from('89504e470d0a1a0a', 'hex')

  test('a picture is visible to its owner and people who share a team, and to nobody else', () =>
    session(bob, async ({ sql, become, refusal }) => {
      await sql`select private.save_avatar(${picture}, 'image/png')`
      expect(await sql`select avatar_url from profiles where id = ${bob.id}`).toEqual([
        { avatar_url: expect.stringMatching(`^/api/avatars/${bob.id}\\?v=[0-9a-f]{12}$`) as string }
      ])
      const seen = () => sql`select content_type from private.avatar(${bob.id})`
      expect(await seen()).toHaveLength(1)
      await become(vera)
      expect(await seen()).toHaveLength(1)
      await become(ivan)
      expect(await seen()).toHaveLength(0)
      await become(anonymous)
      expect((await refusal(seen)).code).toBe('42501')
    }))

  test('delete_avatar removes the picture of the caller alone', () =>
    session(vera, async ({ sql, as }) => {
      await sql`select private.save_avatar(${picture}, 'image/png')`
      await as(ann, sql => sql`select private.delete_avatar()`)
      expect(await sql`select 1 from private.avatar(${vera.id})`).toHaveLength(1)
      await sql`select private.delete_avatar()`
      expect(await sql`select 1 from private.avatar(${vera.id})`).toHaveLength(0)
      expect(await sql`select avatar_url from profiles where id = ${vera.id}`).toEqual([{ avatar_url: null }])
    }))

  test('save_avatar refuses files above 256 KiB and SVG files', () =>
    session(vera, async ({ refusal }) => {
      expect((await refusal(sql => sql`select private.save_avatar(${Buffer.alloc(262_145)}, 'image/png')`)).code).toBe('23514')
      expect((await refusal(sql => sql`select private.save_avatar(${picture}, 'image/svg+xml')`)).code).toBe('23514')
    }))

  test('nobody reads private.avatars directly', () =>
    session(vera, async ({ refusal }) => {
      expect((await refusal(sql => sql`select * from private.avatars`)).code).toBe('42501')
    }))
})
