import type { TransactionSql } from 'postgres'
import { describe, expect, test } from 'vitest'
import { anonymous, service, session, type Session } from '../support/as.ts'
import { acme, bob, carla, ticketSession } from '../support/world.ts'

const { carla: contact, mona } = acme.contacts
const ticket = acme.tickets.bobs

/** Carla opened her ticket an hour ago, after everything that happened. */
const open = ({ as }: Session) =>
  as(service, async sql => {
    await sql`update tickets set contact_id = ${contact}, created_at = now() - interval '1 day' where id = ${ticket}`
    await sql`update ticket_replies set created_at = now() - interval '2 hours' where ticket_id = ${ticket}`
    await sql`insert into private.portal_reads (team_id, contact_id, ticket_id, read_at)
      values (${acme.id}, ${contact}, ${ticket}, now() - interval '1 hour')`
  })
const news = async (sql: TransactionSql) => (await sql<{ news: string | null }[]>`select news from portal.tickets(${acme.id})`)[0]!.news
const addReply = (isInternal: boolean) => (sql: TransactionSql) =>
  sql`insert into ticket_replies (team_id, ticket_id, content, is_internal) values (${acme.id}, ${ticket}, 'New', ${isInternal})`
const setStatus = (sql: TransactionSql) => sql`update tickets set status = 'waiting' where id = ${ticket}`

describe('a ticket in the list of the portal', () => {
  test.each([
    ['a reply of the team', addReply(false), 'answer'],
    ['a status that the team set', setStatus, 'status'],
    ['a note', addReply(true), null],
    ['a priority', (sql: TransactionSql) => sql`update tickets set priority = 'high', severity = 1 where id = ${ticket}`, null]
  ])('after %s has the news that the client can see', (_, change, expected) =>
    session(carla, async session => {
      await open(session)
      expect(await news(session.sql)).toBeNull()
      await session.as(bob, async sql => {
        await change(sql)
      })
      expect(await news(session.sql)).toBe(expected)
    })
  )

  test('has no news after it was opened, with an account or a ticket session', () =>
    session(carla, async session => {
      await open(session)
      await session.as(bob, addReply(false))
      // A transaction has one time.
      const age = () =>
        session.as(service, sql => sql`update ticket_replies set created_at = now() - interval '1 minute' where created_at = now()`)
      await age()
      expect(await news(session.sql)).toBe('answer')
      await session.sql`select portal.mark_read(${acme.id}, 1)`
      expect(await news(session.sql)).toBeNull()
      await session.as(service, async sql => {
        await sql`update private.portal_reads set read_at = now() - interval '1 hour'`
        await sql`insert into private.ticket_sessions (token_hash, team_id, ticket_id, contact_id)
          values (${ticketSession}, ${acme.id}, ${ticket}, ${contact})`
      })
      expect(await news(session.sql)).toBe('answer')
      await session.as({ ticketSession }, sql => sql`select portal.mark_read(${acme.id}, 1)`)
      expect(await news(session.sql)).toBeNull()
    }))

  test('is seen once a member has opened it after the last message, and no longer when the team answers or the client writes again', () =>
    session(carla, async session => {
      await open(session)
      const isSeen = async () => (await session.sql<{ is_seen: boolean }[]>`select is_seen from portal.ticket(${acme.id}, 1)`)[0]!.is_seen
      const write = (kind: 'agent' | 'requester', isInternal = false) =>
        session.as(
          service,
          sql => sql`
          insert into ticket_replies (team_id, ticket_id, user_id, author_kind, content, is_internal)
          values (${acme.id}, ${ticket}, ${bob.id}, ${kind}, 'x', ${isInternal})`
        )
      const read = (at: string) =>
        session.as(
          service,
          sql => sql`
          insert into ticket_reads (team_id, ticket_id, user_id, read_at) values (${acme.id}, ${ticket}, ${bob.id}, now() + ${at}::interval)
          on conflict (team_id, ticket_id, user_id) do update set read_at = excluded.read_at`
        )
      await write('requester')
      expect(await isSeen()).toBe(false)
      await read('-1 minute')
      expect(await isSeen()).toBe(false)
      await read('1 minute')
      expect(await isSeen()).toBe(true)
      await write('agent', true)
      expect(await isSeen()).toBe(true)
      await write('agent')
      expect(await isSeen()).toBe(false)
    }))

  test('that was never opened has the news since it was written, or since the client takes part', () =>
    session(carla, async session => {
      await open(session)
      await session.as(service, sql => sql`delete from private.portal_reads`)
      expect(await news(session.sql)).toBe('answer')
      await session.as(service, async sql => {
        await sql`update tickets set contact_id = ${mona} where id = ${ticket}`
        await sql`insert into ticket_participants (team_id, ticket_id, contact_id, created_at)
          values (${acme.id}, ${ticket}, ${contact}, now() - interval '1 minute')`
      })
      expect(await news(session.sql)).toBeNull()
      await session.as(bob, addReply(false))
      expect(await news(session.sql)).toBe('answer')
    }))

  test('has no news of what the client did: they know what was there when they wrote', () =>
    session(carla, async session => {
      await open(session)
      await session.as(bob, setStatus)
      await session.as(service, async sql => {
        await sql`alter table ticket_events disable trigger user`
        await sql`update ticket_events set created_at = now() - interval '1 minute' where created_at = now()`
        await sql`alter table ticket_events enable trigger user`
      })
      expect(await news(session.sql)).toBe('status')
      await session.sql`select portal.reply(${acme.id}, 1, 'Here you are')`
      expect(await news(session.sql)).toBeNull()
      await session.sql`select portal.close(${acme.id}, 1)`
      expect(await news(session.sql)).toBeNull()
    }))
})

test('nobody but the client of a ticket marks it as read', () =>
  session(anonymous, async session => {
    await open(session)
    for (const caller of [anonymous, bob] as const)
      expect(
        await session.as(caller, () => session.refusal(sql => sql`select portal.mark_read(${acme.id}, 1)`)),
        'not a client'
      ).toMatchObject({ code: 'PT404' })
  }))
