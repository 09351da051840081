import { createHash, randomBytes } from 'node:crypto'
import type { TransactionSql } from 'postgres'
import { describe, expect, test } from 'vitest'
import { acme, bob, carla } from '../support/world.ts'
import { service, session, type Session } from '../support/as.ts'

const contact = acme.contacts.carla
const ticket = acme.tickets.bobs

const own = ({ as }: Session, status?: string) =>
  as(service, sql => sql`update tickets set contact_id = ${contact}, status = coalesce(${status ?? null}, status) where id = ${ticket}`)
const create = (sql: TransactionSql, subject: string, isConfirmed = false) =>
  sql<{ ticket_number: number | null; similar_number: number | null; similar_age: number | null }[]>`
    select * from portal.create_ticket(${acme.id}, ${subject}, 'It does not work', 'bug', ${isConfirmed})`
const statusOf = async ({ as }: Session) => {
  const [row] = await as(service, sql => sql<{ status: string }[]>`select status from tickets where id = ${ticket}`)
  return row!.status
}

describe('the priority', () => {
  const createWith =
    (priority: string | null, subject = 'Shop is down') =>
    (sql: TransactionSql) =>
      sql<{ ticket_number: number }[]>`
      select ticket_number from portal.create_ticket(${acme.id}, ${subject}, 'Please', priority => ${priority})`
  const allow = ({ as }: Session) => as(service, sql => sql`update teams set client_priority = true where id = ${acme.id}`)
  const listed = (sql: TransactionSql) => sql`select priority from portal.tickets(${acme.id}) order by ticket_number desc limit 1`

  test('is refused and hidden by default, and nothing is left behind', () =>
    session(carla, async session => {
      expect(await session.refusal(createWith('urgent'))).toMatchObject({ code: 'PT422', detail: 'priority_refused' })
      expect(await listed(session.sql)).toEqual([])
      const [created] = await createWith(null)(session.sql)
      expect(await session.sql`select priority from portal.ticket(${acme.id}, ${created!.ticket_number})`).toEqual([{ priority: null }])
      expect(await listed(session.sql)).toEqual([{ priority: null }])
    }))

  test('is chosen and shown if the team allows it', () =>
    session(carla, async session => {
      expect(await session.sql`select chooses_priority from portal.client(${acme.id})`).toEqual([{ chooses_priority: false }])
      await allow(session)
      expect(await session.sql`select chooses_priority from portal.client(${acme.id})`).toEqual([{ chooses_priority: true }])
      const [created] = await createWith('urgent')(session.sql)
      expect(await session.sql`select priority from portal.ticket(${acme.id}, ${created!.ticket_number})`).toEqual([{ priority: 'urgent' }])
      expect(await listed(session.sql)).toEqual([{ priority: 'urgent' }])
      expect(await session.refusal(createWith('severe', 'Another'))).toMatchObject({ code: '23514' })
    }))
})

describe('a client', () => {
  test('creates a ticket that belongs to the portal and to them, whoever is signed in', () =>
    session(carla, async session => {
      const [created] = await create(session.sql, 'New printer')
      await session.as(service, sql => sql`set constraints all immediate`) // the event is written when the transaction ends
      const [row] = await session.as(
        service,
        sql => sql`
          select ticket.channel, ticket.contact_id, ticket.requester_email, ticket.priority, author.full_name as author
          from tickets as ticket join profiles as author on author.id = ticket.created_by
          where ticket.team_id = ${acme.id} and ticket.ticket_number = ${created!.ticket_number}`
      )
      const events = await session.as(
        service,
        sql => sql`
          select event.contact_id, event.channel, actor.full_name as actor from ticket_events as event
          join tickets as ticket on ticket.id = event.ticket_id join profiles as actor on actor.id = event.actor_id
          where event.type = 'ticket.created' and ticket.team_id = ${acme.id} and ticket.ticket_number = ${created!.ticket_number}`
      )
      expect(events).toEqual([{ contact_id: contact, channel: 'portal', actor: 'Portal' }])
      expect(row).toEqual({ channel: 'portal', contact_id: contact, requester_email: carla.email, priority: 'normal', author: 'Portal' })
      expect(
        await session.sql`
          select auth.uid() as id, current_setting('switchboard.contact_id') as contact, current_setting('switchboard.channel') as channel`
      ).toEqual([{ id: carla.id, contact: '', channel: '' }])
    }))

  test('is asked before a second ticket with the same subject within ten minutes', () =>
    session(carla, async session => {
      const [first] = await create(session.sql, 'New printer')
      expect(first!.ticket_number).toBeGreaterThan(4)
      expect(await create(session.sql, 'new PRINTER')).toMatchObject([
        { ticket_number: null, similar_number: first!.ticket_number, similar_age: 0 }
      ])
      const [second] = await create(session.sql, 'New printer', true)
      expect(second!.ticket_number).toBe(first!.ticket_number! + 1)
      await session.as(service, sql => sql`update tickets set created_at = now() - interval '11 minutes' where subject = 'New printer'`)
      expect(await create(session.sql, 'New printer')).toMatchObject([{ similar_number: null }])
    }))

  test('chooses none of the categories that the team keeps to itself', () =>
    session(carla, async session => {
      await session.as(service, sql => sql`update ticket_categories set portal_name = null where team_id = ${acme.id} and key = 'bug'`)
      expect(await session.refusal(sql => create(sql, 'New printer'))).toMatchObject({ code: 'PT400', detail: 'category' })
    }))

  test.each([
    ['open', 'open'],
    ['in_progress', 'in_progress'],
    ['waiting', 'open'],
    ['resolved', 'open']
  ])('replies to a ticket that is %s, which then is %s', (before, after) =>
    session(carla, async session => {
      await own(session, before)
      const [row] = await session.sql<{ id: string }[]>`select portal.reply(${acme.id}, 1, 'Still broken') as id`
      expect(await statusOf(session)).toBe(after)
      expect(await session.sql`select author_name, is_own, is_team from portal.conversation(${acme.id}, 1) where id = ${row!.id}`).toEqual([
        { author_name: 'Carla Client', is_own: true, is_team: false }
      ])
      const [reply] = await session.as(
        service,
        sql => sql`
          select reply.author_kind, reply.contact_id, reply.is_internal, author.full_name as author
          from ticket_replies as reply join profiles as author on author.id = reply.user_id where reply.id = ${row!.id}`
      )
      expect(reply).toEqual({ author_kind: 'requester', contact_id: contact, is_internal: false, author: 'Portal' })
    })
  )

  test('has written one reply after sending the same text twice', () =>
    session(carla, async session => {
      await own(session)
      const send = async (text: string) => (await session.sql<{ id: string }[]>`select portal.reply(${acme.id}, 1, ${text}) as id`)[0]!.id
      const first = await send('Hello?')
      expect(await send('Hello?')).toBe(first)
      expect(await send('Hello!')).not.toBe(first)
    }))

  test('closes and reopens a ticket, and the events name them', () =>
    session(carla, async session => {
      await own(session)
      await session.sql`select portal.close(${acme.id}, 1)`
      expect(await statusOf(session)).toBe('resolved')
      await session.sql`select portal.reopen(${acme.id}, 1)`
      expect(await statusOf(session)).toBe('open')
      const events = await session.as(
        service,
        sql => sql`
          select contact_id, channel, "to" from ticket_events where ticket_id = ${ticket} and type = 'ticket.status_changed' order by id`
      )
      expect(events).toEqual([
        { contact_id: contact, channel: 'portal', to: 'resolved' },
        { contact_id: contact, channel: 'portal', to: 'open' }
      ])
    }))

  test('cannot answer or reopen a closed ticket, and continues it in a new one', () =>
    session(carla, async session => {
      await own(session, 'closed')
      for (const statement of [
        (sql: TransactionSql) => sql`select portal.reply(${acme.id}, 1, 'Hello')`,
        (sql: TransactionSql) => sql`select portal.reopen(${acme.id}, 1)`
      ])
        expect(await session.refusal(statement)).toMatchObject({ code: 'PT409', detail: 'ticket_closed' })
      const [row] = await session.sql<{ number: number }[]>`select portal.follow_up(${acme.id}, 1, 'It is back') as number`
      const [followUp] = await session.sql`select subject, description, is_own from portal.ticket(${acme.id}, ${row!.number})`
      expect(followUp).toEqual({
        subject: 'Re: VPN drops every hour',
        description: 'It is back\n\n#001:\n> Same here.',
        is_own: true
      })
    }))

  test('does not continue a ticket that is not closed', () =>
    session(carla, async session => {
      await own(session)
      expect(await session.refusal(sql => sql`select portal.follow_up(${acme.id}, 1, 'Again')`)).toMatchObject({ detail: 'ticket_open' })
    }))

  test('writes at most 20 tickets an hour', () =>
    session(carla, async session => {
      await session.as(service, sql => sql`update private.budget_settings set factor = 1`)
      for (let index = 0; index < 20; index++) await create(session.sql, `Request ${index}`)
      expect(await session.refusal(sql => create(sql, 'One more'))).toMatchObject({ code: 'PT429', detail: 'rate_limited' })
    }))
})

describe('a ticket session', () => {
  test('replies as its contact, although an account could be another', () =>
    session(bob, async session => {
      await own(session)
      const ticketSession = createHash('sha256').update(randomBytes(32)).digest()
      await session.as(
        service,
        sql => sql`
          insert into private.ticket_sessions (token_hash, team_id, ticket_id, contact_id)
          values (${ticketSession}, ${acme.id}, ${ticket}, ${contact})`
      )
      await session.become({ ticketSession })
      await session.sql`select portal.reply(${acme.id}, 1, 'From my phone')`
      expect(await session.sql`select author_name, is_own from portal.conversation(${acme.id}, 1) where content = 'From my phone'`).toEqual(
        [{ author_name: 'Carla Client', is_own: true }]
      )
    }))
})

describe('private.link_contacts()', () => {
  test('links every contact with the confirmed address of the caller, and marks the address as verified', () =>
    session(carla, async session => {
      await session.as(service, sql => sql`update contacts set user_id = null where user_id = ${carla.id}`)
      await session.sql`select private.link_contacts()`
      expect((await session.sql<{ slug: string }[]>`select slug from private.portal_teams()`).map(({ slug }) => slug)).toEqual([
        'acme',
        'initech'
      ])
      const addresses = await session.as(
        service,
        sql => sql`select verified_at is not null as verified from contact_addresses where address = ${carla.email}`
      )
      expect(addresses).toEqual([{ verified: true }, { verified: true }])
    }))

  test('links nobody with an address that is not confirmed', () =>
    session(carla, async session => {
      await session.as(service, async sql => {
        await sql`update contacts set user_id = null where user_id = ${carla.id}`
        await sql`update auth.users set email_confirmed_at = null where id = ${carla.id}`
      })
      await session.sql`select private.link_contacts()`
      expect(await session.sql`select slug from private.portal_teams()`).toEqual([])
    }))

  test('moves the account to the contact that has the address now', () =>
    session(carla, async session => {
      await session.as(
        service,
        sql => sql`
          update contact_addresses set contact_id = ${acme.contacts.mona}, is_primary = false
          where team_id = ${acme.id} and address = ${carla.email}`
      )
      await session.sql`select private.link_contacts()`
      const linked = await session.as(service, sql => sql`select id from contacts where team_id = ${acme.id} and user_id = ${carla.id}`)
      expect(linked).toEqual([{ id: acme.contacts.mona }])
    }))
})
