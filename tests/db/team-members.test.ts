import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { database, impersonate, service, session } from '../support/as.ts'
import { acme, adam, ann, bob, dan, ivan, unknownId, vera, type Person } from '../support/world.ts'

describe('team members', () => {
  test('the last owner cannot leave the team', () =>
    session(ann, async ({ sql, as, refusal }) => {
      expect(await refusal(sql => sql`select private.remove_member(${acme.id}, ${ann.id})`)).toMatchObject({
        code: 'PT409',
        detail: 'last_owner'
      })
      await as(service, sql => sql`update team_members set role = 'owner' where team_id = ${acme.id} and user_id = ${adam.id}`)
      await sql`select private.change_member_role(${acme.id}, ${adam.id}, 'admin')`
      expect(await refusal(sql => sql`select private.remove_member(${acme.id}, ${ann.id})`)).toMatchObject({
        code: 'PT409',
        detail: 'last_owner'
      })
      expect(await sql`select role from team_members where user_id = ${ann.id}`).toEqual([{ role: 'owner' }])
    }))

  test('when two owners leave concurrently, one of them is refused', async () => {
    const team = randomUUID()
    await database()`insert into teams (id, name, slug) values (${team}, 'Two owners', ${`two-${team.slice(0, 8)}`})`
    await database()`insert into team_members (team_id, user_id, role) values (${team}, ${ivan.id}, 'owner'), (${team}, ${dan.id}, 'owner')`
    try {
      const leave = (person: Person) =>
        database().begin(async sql => {
          await impersonate(sql, person)
          await sql`select private.remove_member(${team}, ${person.id}), pg_sleep(0.1)`
        })
      const results = await Promise.allSettled([leave(ivan), leave(dan)])
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      expect(results.find(result => result.status === 'rejected')!.reason).toMatchObject({ code: 'PT409' })
      expect(await database()`select role from team_members where team_id = ${team}`).toEqual([{ role: 'owner' }])
    } finally {
      await database()`delete from teams where id = ${team}`
    }
  })

  test('when two owners demote each other concurrently, at least one stays an owner', async () => {
    const team = randomUUID()
    await database()`insert into teams (id, name, slug) values (${team}, 'Two owners', ${`two-${team.slice(0, 8)}`})`
    await database()`insert into team_members (team_id, user_id, role) values (${team}, ${ivan.id}, 'owner'), (${team}, ${dan.id}, 'owner')`
    try {
      const demote = (person: Person, other: Person) =>
        database().begin(async sql => {
          await impersonate(sql, person)
          await sql`select private.change_member_role(${team}, ${other.id}, 'member'), pg_sleep(0.1)`
        })
      const results = await Promise.allSettled([demote(ivan, dan), demote(dan, ivan)])
      expect(results.some(({ status }) => status === 'fulfilled')).toBe(true)
      const remaining = await database()<{ role: string }[]>`select role from team_members where team_id = ${team} order by role desc`
      expect(remaining.map(({ role }) => role)).toContain('owner')
    } finally {
      await database()`delete from teams where id = ${team}`
    }
  })

  test.each([
    ['an admin removes a member', adam],
    ['a member leaves', bob]
  ] as const)('when %s, their tickets become unassigned and their replies stay', (_, remover) =>
    session(remover, async ({ sql, as }) => {
      await sql`select private.remove_member(${acme.id}, ${bob.id})`
      await as(service, async sql => {
        expect(await sql`select id, assigned_to from tickets where id = ${acme.tickets.bobs}`).toEqual([
          { id: acme.tickets.bobs, assigned_to: null }
        ])
        expect(await sql`select user_id from ticket_replies where id = ${acme.replies.bobs}`).toEqual([{ user_id: bob.id }])
      })
    })
  )

  test('a removed member can read and change nothing from the next statement on', () =>
    session(bob, async ({ sql, as }) => {
      expect(await sql`select id from tickets`).not.toHaveLength(0)
      await as(adam, sql => sql`select private.remove_member(${acme.id}, ${bob.id})`)
      for (const table of ['teams', 'team_members', 'tickets', 'ticket_replies', 'ticket_tags', 'ticket_categories', 'canned_responses'])
        expect(await sql`select * from ${sql(table)}`, table).toHaveLength(0)
      expect(await sql`update tickets set subject = 'x' returning id`).toHaveLength(0)
    }))

  test('a member who becomes a viewer is unassigned from their tickets', () =>
    session(adam, async ({ sql }) => {
      await sql`select private.change_member_role(${acme.id}, ${bob.id}, 'viewer')`
      expect(await sql`select assigned_to from tickets where id = ${acme.tickets.bobs}`).toEqual([{ assigned_to: null }])
      expect(await sql`select assigned_to from tickets where id = ${acme.tickets.anns}`).toEqual([{ assigned_to: ann.id }])
    }))

  test('an unknown role is refused', () =>
    session(ann, async ({ refusal }) => {
      expect((await refusal(sql => sql`select private.change_member_role(${acme.id}, ${bob.id}, 'superuser')`)).code).toBe('23514')
    }))

  test('changing or removing an unknown person gives the same error as for a person of another team', () =>
    session(ann, async ({ refusal }) => {
      for (const verb of ['change', 'remove'] as const) {
        const attempt = (id: string) =>
          refusal(sql =>
            verb === 'change'
              ? sql`select private.change_member_role(${acme.id}, ${id}, 'member')`
              : sql`select private.remove_member(${acme.id}, ${id})`
          )
        expect(await attempt(dan.id)).toEqual(await attempt(unknownId))
        expect((await attempt(unknownId)).code).toBe('PT404')
      }
    }))

  test('an owner of one team can neither remove nor promote members of another', () =>
    session(ivan, async ({ refusal }) => {
      expect((await refusal(sql => sql`select private.remove_member(${acme.id}, ${vera.id})`)).code).toBe('PT404')
      expect((await refusal(sql => sql`select private.change_member_role(${acme.id}, ${vera.id}, 'admin')`)).code).toBe('PT403')
    }))
})
