import { describe, expect, test } from 'vitest'
import { optionalMailKinds } from '#shared/mail'
import { anonymous, as, service, session } from '../support/as.ts'
import { acme, ann, dan, initech, ivan, vera } from '../support/world.ts'

describe('teams', () => {
  test('the creator of a team is its owner and sees the team with its default categories', () =>
    session(dan, async ({ sql }) => {
      const [{ id }] = await sql<[{ id: string }]>`select private.create_team('Café Köln & Co.') as id`
      expect(await sql`select name, slug from teams where id = ${id}`).toMatchObject([{ name: 'Café Köln & Co.', slug: 'cafe-koln-co' }])
      expect(await sql`select user_id, role from team_members where team_id = ${id}`).toEqual([{ user_id: dan.id, role: 'owner' }])
      const categories = await sql<{ key: string }[]>`select key from ticket_categories where team_id = ${id} order by position`
      expect(categories.map(({ key }) => key)).toEqual(['bug', 'feature_request', 'question', 'billing', 'content_update', 'other'])
    }))

  test('an anonymous caller cannot create a team', () =>
    session(anonymous, async ({ refusal }) => {
      expect((await refusal(sql => sql`select private.create_team('Mine')`)).code).toBe('42501')
    }))

  test('a taken team name gets a numbered slug, and a chosen slug that is taken is refused', () =>
    session(dan, async ({ sql, refusal }) => {
      await sql`select private.create_team('Acme')`
      await sql`select private.create_team('Acme!')`
      const mine = await sql<{ slug: string }[]>`select slug from teams where slug like 'acme%' order by slug`
      expect(mine.map(({ slug }) => slug)).toEqual(['acme-2', 'acme-3'])
      expect(await refusal(sql => sql`select private.create_team('Other', 'acme')`)).toMatchObject({ code: 'PT409', detail: 'slug_taken' })
    }))

  test('a team name without Latin letters gets a valid slug', () =>
    session(dan, async ({ sql }) => {
      const [{ id }] = await sql<[{ id: string }]>`select private.create_team('チーム') as id`
      expect(await sql`select slug from teams where id = ${id}`).toMatchObject([{ slug: expect.stringMatching(/^[a-z0-9-]+$/) as string }])
    }))

  test('deleting a team deletes all of its rows and none of another team', () =>
    session(ann, async ({ sql, as }) => {
      await sql`delete from teams where id = ${acme.id}`
      const tables = [
        'team_members',
        'team_invitations',
        'ticket_categories',
        'tickets',
        'ticket_replies',
        'ticket_tags',
        'canned_responses'
      ]
      await as(service, async sql => {
        for (const table of tables) {
          const [count] = await sql`
            select count(*) filter (where team_id = ${acme.id})::int as acme,
              count(*) filter (where team_id = ${initech.id})::int as initech
            from ${sql(table)}`
          expect(count, table).toEqual({ acme: 0, initech: expect.toSatisfy((rows: number) => rows > 0) as number })
        }
      })
    }))

  test('members see only their own team', async () => {
    expect(await as(vera, sql => sql`select slug from teams`)).toEqual([{ slug: 'acme' }])
    expect(await as(ivan, sql => sql`select slug from teams`)).toEqual([{ slug: 'initech' }])
  })

  test('a time zone in which this Postgres cannot calculate days is refused', () =>
    session(ann, async ({ sql, become, refusal }) => {
      for (const zone of ['US/Pacific-New', 'Canada/East-Saskatchewan', 'Foo/Bar', '']) {
        expect(await refusal(sql => sql`update teams set time_zone = ${zone} where id = ${acme.id}`), zone).toMatchObject({
          code: 'PT400',
          detail: 'time_zone',
          message: 'This is not a known time zone'
        })
      }
      for (const zone of ['UTC', 'US/Pacific', 'America/Argentina/ComodRivadavia', 'Etc/GMT+5'])
        await sql`update teams set time_zone = ${zone} where id = ${acme.id}`
      await become(service)
      expect(await refusal(sql => sql`insert into teams (name, slug, time_zone) values ('Lost', 'lost', 'US/Pacific-New')`)).toMatchObject({
        code: 'PT400',
        detail: 'time_zone'
      })
    }))

  test('the auto-close days of a team are 1 to 365', () =>
    session(ann, async ({ refusal }) => {
      for (const days of [0, -1, 366])
        expect((await refusal(sql => sql`update teams set auto_close_days = ${days} where id = ${acme.id}`)).code).toBe('23514')
    }))

  test('a rating is asked for after 30 minutes to 24 hours', () =>
    session(ann, async ({ refusal }) => {
      for (const minutes of [0, 29, 1441])
        expect((await refusal(sql => sql`update teams set rating_delay_minutes = ${minutes} where id = ${acme.id}`)).code).toBe('23514')
    }))

  test('the colour for clients is # and six lower-case digits', () =>
    session(ann, async ({ refusal }) => {
      for (const color of ['', 'red', '#fff', '#FFFFFF', '#ffffff\n', '#fffffg', '#ffffff;}'])
        expect((await refusal(sql => sql`update teams set portal_color = ${color} where id = ${acme.id}`)).code, color).toBe('23514')
    }))

  test('the mails that clients get are of known kinds', () =>
    session(ann, async ({ refusal, sql }) => {
      for (const kinds of ['{digest}', '{rating_request}', '{assigned,NULL}', '{assigned,assigned,assigned,assigned,assigned}'])
        expect((await refusal(sql => sql`update teams set client_mails = ${kinds}::text[] where id = ${acme.id}`)).code, kinds).toBe(
          '23514'
        )
      await sql`update teams set client_mails = ${[...optionalMailKinds]} where id = ${acme.id}`
    }))
})
