import { randomBytes } from 'node:crypto'
import type { TransactionSql } from 'postgres'
import { describe, expect, test } from 'vitest'
import { service, session, type Session } from '../support/as.ts'
import { acme, carla } from '../support/world.ts'

const contact = acme.contacts.carla
const ticket = acme.tickets.bobs

/** Carla's ticket is resolved, and she was asked about it. */
const ask = ({ as }: Session) =>
  as(service, async sql => {
    await sql`update tickets set contact_id = ${contact} where id = ${ticket}`
    await sql`update tickets set status = 'resolved' where id = ${ticket}`
    await sql`
      insert into ticket_ratings (team_id, ticket_id, cycle, resolved_at, contact_id)
      select team_id, id, 1, resolved_at, contact_id from tickets where id = ${ticket}`
  })
const resolve = (sql: TransactionSql, ago: string) =>
  sql`update tickets set created_at = now() - interval '60 days', resolved_at = now() - ${ago}::interval where id = ${ticket}`
const rate = (sql: TransactionSql, score: number, comment: string | null = null) =>
  sql`select portal.rate(${acme.id}, 1, ${score}, ${comment})`
const question = async ({ sql }: Session) =>
  (
    await sql<{ rating: { score: number | null; comment: string | null; until: string | null } | null }[]>`
    select rating from portal.ticket(${acme.id}, 1)`
  )[0]!.rating

describe('a client in the portal', () => {
  test('rates what they were asked about, and the event names them', () =>
    session(carla, async session => {
      await ask(session)
      expect(await question(session)).toEqual({ score: null, comment: null, until: null })
      await rate(session.sql, 4, 'Quick')
      expect(await question(session)).toMatchObject({ score: 4, comment: 'Quick' })
      await rate(session.sql, 5)
      expect(await question(session)).toMatchObject({ score: 5, comment: null })
      const events = await session.as(
        service,
        sql => sql`select contact_id, channel, "to" from ticket_events where ticket_id = ${ticket} and type = 'ticket.rated' order by id`
      )
      expect(events).toEqual([
        { contact_id: contact, channel: 'portal', to: { score: 4, comment: 'Quick' } },
        { contact_id: contact, channel: 'portal', to: { score: 5, comment: null } }
      ])
    }))

  test.each([
    [
      'no mail asked and the time of the team has not come',
      async (sql: TransactionSql) => {
        await sql`delete from ticket_ratings where ticket_id = ${ticket}`
        await resolve(sql, '59 minutes')
      }
    ],
    [
      'no mail asked and the team asks nobody',
      async (sql: TransactionSql) => {
        await sql`delete from ticket_ratings where ticket_id = ${ticket}`
        await resolve(sql, '1 day')
        await sql`update teams set rating_delay_minutes = null where id = ${acme.id}`
      }
    ],
    [
      'no mail asked for thirty days',
      async (sql: TransactionSql) => {
        await sql`delete from ticket_ratings where ticket_id = ${ticket}`
        await resolve(sql, '30 days')
      }
    ],
    [
      'they resolved it themselves',
      async (sql: TransactionSql) => {
        await sql`delete from ticket_ratings where ticket_id = ${ticket}`
        await sql`update tickets set status = 'open' where id = ${ticket}`
        await sql`select set_config('switchboard.contact_id', ${contact}, true), set_config('switchboard.channel', 'portal', true)`
        await sql`update tickets set status = 'resolved' where id = ${ticket}`
        await sql`select set_config('switchboard.contact_id', '', true), set_config('switchboard.channel', '', true)`
        await resolve(sql, '1 day')
      }
    ],
    [
      'the ticket was imported as resolved',
      async (sql: TransactionSql) => {
        await sql`delete from ticket_ratings where ticket_id = ${ticket}`
        await resolve(sql, '1 day')
        await sql`insert into private.ticket_imports (team_id, source_id, ticket_id, resolved_at)
          select team_id, 'x', id, resolved_at from tickets where id = ${ticket}`
      }
    ],
    [
      'somebody else was asked',
      (sql: TransactionSql) => sql`update ticket_ratings set contact_id = ${acme.contacts.mona} where ticket_id = ${ticket}`
    ],
    ['the ticket is open again', (sql: TransactionSql) => sql`update tickets set status = 'open' where id = ${ticket}`],
    [
      'the answer is older than seven days',
      (sql: TransactionSql) => sql`update ticket_ratings set score = 3, rated_at = now() - interval '7 days' where ticket_id = ${ticket}`
    ],
    [
      'they only take part',
      async (sql: TransactionSql) => {
        await sql`update tickets set contact_id = ${acme.contacts.mona} where id = ${ticket}`
        await sql`insert into ticket_participants (team_id, ticket_id, contact_id) values (${acme.id}, ${ticket}, ${contact})`
      }
    ]
  ])('is not asked, and cannot rate, when %s', (_, change) =>
    session(carla, async session => {
      await ask(session)
      await session.as(service, async sql => {
        await change(sql)
      })
      expect(await question(session)).toBeNull()
      expect(await session.refusal(sql => rate(sql, 5))).toMatchObject({ code: 'PT404' })
    })
  )

  test('is asked by the portal when the time of the team has come, once for a resolution, and then by no mail for 30 days', () =>
    session(carla, async session => {
      await session.as(service, async sql => {
        await sql`update tickets set contact_id = ${contact} where id in (${ticket}, ${acme.tickets.unassigned})`
        await sql`update tickets set status = 'resolved' where id in (${ticket}, ${acme.tickets.unassigned})`
        await resolve(sql, '61 minutes')
      })
      expect(await question(session)).toEqual({ score: null, comment: null, until: null })
      await rate(session.sql, 2, 'Slow')
      await rate(session.sql, 3)
      expect(await question(session)).toMatchObject({ score: 3, comment: null })
      const asked = (id: string) =>
        session.as(
          service,
          async sql =>
            (await sql<{ refusal: string }[]>`select private.request_rating(${acme.id}, ${id}, ${randomBytes(32)}) as refusal`)[0]!.refusal
        )
      expect(await asked(ticket)).toBe('A client was asked about this resolution')
      expect(await asked(acme.tickets.unassigned)).toBe('The client was asked for a rating within the last 30 days')
      const rows = await session.as(service, sql => sql`select cycle, score, contact_id from ticket_ratings where ticket_id = ${ticket}`)
      expect(rows).toEqual([{ cycle: 1, score: 3, contact_id: contact }])
      await session.as(service, async sql => {
        await sql`update tickets set status = 'open' where id = ${ticket}`
        await sql`update tickets set status = 'resolved' where id = ${ticket}`
        await resolve(sql, '2 hours')
      })
      await rate(session.sql, 5)
      expect(
        await session.as(service, sql => sql`select cycle, score from ticket_ratings where ticket_id = ${ticket} order by cycle`)
      ).toEqual([
        { cycle: 1, score: 3 },
        { cycle: 2, score: 5 }
      ])
    }))

  test('gives one to five stars', () =>
    session(carla, async session => {
      await ask(session)
      for (const score of [0, 6]) expect(await session.refusal(sql => rate(sql, score))).toMatchObject({ code: '23514' })
    }))
})
