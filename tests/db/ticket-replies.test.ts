import { describe, expect, test } from 'vitest'
import { service, session } from '../support/as.ts'
import { acme, ann, bob, dan, initech, vera } from '../support/world.ts'

const { bobs: ticket } = acme.tickets

describe('ticket replies', () => {
  test("a reply cannot belong to another team's ticket", () =>
    session(dan, async ({ refusal }) => {
      const { code } = await refusal(
        sql => sql`insert into ticket_replies (team_id, ticket_id, content) values (${initech.id}, ${ticket}, 'Hello')`
      )
      expect(code).toMatch(/^(23503|42501)$/)
    }))

  test('a member of both teams cannot add a reply of one team to a ticket of the other', () =>
    session(service, async ({ sql, become, refusal }) => {
      await sql`insert into team_members (team_id, user_id, role) values (${initech.id}, ${ann.id}, 'owner')`
      await become(ann)
      expect(
        (await refusal(sql => sql`insert into ticket_replies (team_id, ticket_id, content) values (${initech.id}, ${ticket}, 'Hello')`))
          .code
      ).toBe('23503')
    }))

  test('a former member cannot delete their own replies', () =>
    session(service, async ({ sql, become }) => {
      await sql`delete from team_members where user_id = ${bob.id}`
      await become(bob)
      expect(await sql`delete from ticket_replies where id = ${acme.replies.bobs} returning id`).toHaveLength(0)
    }))

  test('only the first public reply sets the time of the first response, and a note never does', () =>
    session(vera, async ({ sql, as }) => {
      const unassigned = acme.tickets.unassigned
      const readFirstResponse = async () =>
        (
          await as(
            service,
            sql => sql<[{ first_response_at: Date | null }]>`select first_response_at from tickets where id = ${unassigned}`
          )
        )[0].first_response_at
      const write = async (isInternal: boolean) => sql`
        insert into ticket_replies (team_id, ticket_id, content, is_internal) values (${acme.id}, ${unassigned}, 'x', ${isInternal})
        returning created_at`
      await write(true)
      expect(await readFirstResponse()).toBeNull()
      const [reply] = await write(false)
      expect(await readFirstResponse()).toEqual(reply!.created_at)
      await as(service, sql => sql`update ticket_replies set created_at = created_at - interval '1 day' where ticket_id = ${unassigned}`)
      await as(
        service,
        sql => sql`
          insert into ticket_replies (team_id, ticket_id, user_id, content, created_at)
          values (${acme.id}, ${unassigned}, ${bob.id}, 'x', now() + interval '1 hour')`
      )
      expect(await readFirstResponse()).toEqual(reply!.created_at)
    }))

  test('the first response is never before its ticket, and deleting its reply moves or clears it', () =>
    session(service, async ({ sql, as }) => {
      const { unassigned } = acme.tickets
      const readFirstResponse = async () =>
        (
          await sql<
            [{ response: Date | null; created_at: Date }]
          >`select first_response_at as response, created_at from tickets where id = ${unassigned}`
        )[0]
      const write = async (by: { id: string }, hours: number, isInternal = false) =>
        (
          await sql<[{ id: string }]>`
            insert into ticket_replies (team_id, ticket_id, user_id, content, is_internal, created_at)
            values (${acme.id}, ${unassigned}, ${by.id}, 'x', ${isInternal}, now() + make_interval(hours => ${hours})) returning id`
        )[0].id
      const early = await write(bob, -96)
      const { created_at, response } = await readFirstResponse()
      expect(response).toEqual(created_at)
      await write(bob, 1, true)
      const late = await write(vera, 2)
      await as(bob, sql => sql`delete from ticket_replies where id = ${early}`)
      expect((await readFirstResponse()).response!.getTime()).toBeGreaterThan(created_at.getTime())
      await as(vera, sql => sql`delete from ticket_replies where id = ${late}`)
      expect((await readFirstResponse()).response).toBeNull()
    }))

  test('a new reply or note raises reply count and version of its ticket and renews its last activity', () =>
    session(service, async ({ sql, as }) => {
      await sql`alter table tickets disable trigger _200_before_update`
      await sql`update tickets set last_activity_at = '2026-01-01' where id = ${ticket}`
      await sql`alter table tickets enable trigger _200_before_update`
      const read = async () =>
        (
          await sql<
            [{ reply_count: number; version: number; last_activity_at: Date }]
          >`select reply_count, version, last_activity_at from tickets where id = ${ticket}`
        )[0]
      const before = await read()
      await as(
        vera,
        sql => sql`insert into ticket_replies (team_id, ticket_id, content, is_internal) values (${acme.id}, ${ticket}, 'x', true)`
      )
      const after = await read()
      expect(after).toMatchObject({ reply_count: before.reply_count + 1, version: before.version + 1 })
      expect(after.last_activity_at.getTime()).toBeGreaterThan(before.last_activity_at.getTime())
      await sql`delete from ticket_replies where id = ${acme.replies.veras}`
      expect(await read()).toMatchObject({ reply_count: before.reply_count, version: before.version + 2 })
    }))

  test('the last message is the request, then the newest public reply; notes and deleted replies do not count', () =>
    session(service, async ({ sql, as }) => {
      const { unassigned } = acme.tickets
      const read = async () =>
        (
          await sql`select last_message_by as by, extract(epoch from last_message_at - now())::integer / 3600 as hours,
            last_message_at = created_at as is_request from tickets where id = ${unassigned}`
        )[0]
      const write = async (hours: number, { kind = 'agent', isInternal = false } = {}) =>
        (
          await sql<[{ id: string }]>`
            insert into ticket_replies (team_id, ticket_id, user_id, author_kind, content, is_internal, created_at)
            values (${acme.id}, ${unassigned}, ${bob.id}, ${kind}, 'x', ${isInternal}, now() + make_interval(hours => ${hours})) returning id`
        )[0].id
      const remove = (id: string) => as(ann, sql => sql`delete from ticket_replies where id = ${id}`)
      expect(await read()).toMatchObject({ by: 'requester', is_request: true })
      const note = await write(9, { isInternal: true })
      expect(await read()).toMatchObject({ by: 'requester', is_request: true })
      const answer = await write(1)
      expect(await read()).toMatchObject({ by: 'agent', hours: 1 })
      const message = await write(3, { kind: 'requester' })
      expect(await read()).toMatchObject({ by: 'requester', hours: 3 })
      await write(2) // written before the newest message
      expect(await read()).toMatchObject({ by: 'requester', hours: 3 })
      await remove(note)
      await remove(answer)
      expect(await read()).toMatchObject({ by: 'requester', hours: 3 })
      await remove(message)
      expect(await read()).toMatchObject({ by: 'agent', hours: 2 })
      await sql`delete from ticket_replies where ticket_id = ${unassigned}`
      expect(await read()).toMatchObject({ by: 'requester', is_request: true })
    }))

  test('deleting a ticket deletes its replies', () =>
    session(ann, async ({ sql, as }) => {
      await sql`delete from tickets where id = ${ticket}`
      expect(await as(service, sql => sql`select id from ticket_replies where ticket_id = ${ticket}`)).toHaveLength(0)
      expect(await as(service, sql => sql`select id from ticket_replies where id = ${acme.replies.onClosed}`)).toHaveLength(1)
    }))

  test('an empty reply and a reply of more than 50,000 characters are refused', () =>
    session(bob, async ({ refusal }) => {
      for (const content of ['', 'x'.repeat(50_001)]) {
        expect(
          (await refusal(sql => sql`insert into ticket_replies (team_id, ticket_id, content) values (${acme.id}, ${ticket}, ${content})`))
            .code
        ).toBe('23514')
      }
    }))
})
