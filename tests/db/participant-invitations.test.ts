import { createHash, randomBytes } from 'node:crypto'
import type { TransactionSql } from 'postgres'
import { describe, expect, test } from 'vitest'
import { anonymous, service, session, type Session } from '../support/as.ts'
import { acme, bob, carla, initech } from '../support/world.ts'

const { carla: contact, carl, mona } = acme.contacts
const ticket = acme.tickets.bobs
const friend = 'friend@mail.test'

/** Carla is the requester of #001, where Mona is a participant. */
const own = ({ as }: Session, id: string = contact) => as(service, sql => sql`update tickets set contact_id = ${id} where id = ${ticket}`)
const invite =
  (address: string, number = 1, team: string = acme.id) =>
  (sql: TransactionSql) =>
    sql`select portal.invite_participant(${team}, ${number}, ${address})`
const listed = (sql: TransactionSql) =>
  sql<{ id: string; address: string; is_confirmed: boolean }[]>`
    select id, address, is_confirmed from portal.invitations(${acme.id}, 1)`
const withdraw = (id: string) => (sql: TransactionSql) => sql`select portal.withdraw_invitation(${acme.id}, 1, ${id})`

/** Writes the link of an invitation, as its mail does, and returns the hash of its token. */
const issue = ({ as }: Session, address = friend) =>
  as(service, async sql => {
    const hash = createHash('sha256').update(randomBytes(32)).digest()
    await sql`update private.participant_invitations set token_hash = ${hash} where ticket_id = ${ticket} and address = ${address}`
    return hash
  })
const invited = async (session: Session, address = friend) => {
  await invite(address)(session.sql)
  return issue(session, address)
}
const preview = ({ as }: Session, hash: Buffer) =>
  as(anonymous, sql => sql`select ticket_number, inviter_name, address, locale from private.participant_invitation_preview(${hash})`)
const confirm = ({ as }: Session, hash: Buffer, secret = randomBytes(32)) =>
  as(anonymous, async sql => {
    await sql`select private.confirm_participant(${hash}, ${secret})`
    return { ticketSession: secret }
  })
const refusedConfirm = ({ as, refusal }: Session, hash: Buffer) =>
  as(anonymous, () => refusal(sql => sql`select private.confirm_participant(${hash}, ${randomBytes(32)})`))
const participants = ({ as }: Session) =>
  as(
    service,
    sql => sql<{ address: string; can_read_history: boolean; added_by: string | null }[]>`
      select address.address, entry.can_read_history, entry.added_by from ticket_participants as entry
      join contact_addresses as address on address.contact_id = entry.contact_id and address.is_primary
      where entry.ticket_id = ${ticket} and entry.contact_id <> ${mona}`
  )
const waitingMails = ({ as }: Session) =>
  as(
    service,
    sql => sql<{ recipient: string }[]>`
      select recipient from mails where ticket_id = ${ticket} and kind = 'participant_invitation' and state = 'waiting'`
  )

describe('the requester of a ticket', () => {
  test('invites somebody, who takes part only after they have confirmed', () =>
    session(carla, async session => {
      await own(session)
      const hash = await invited(session)
      expect(await listed(session.sql)).toMatchObject([{ address: 'f…@mail.test', is_confirmed: false }])
      expect(await waitingMails(session)).toEqual([{ recipient: friend }])
      expect(await participants(session)).toEqual([])
      expect(await preview(session, hash)).toEqual([{ ticket_number: 1, inviter_name: carla.name, address: friend, locale: null }])
      expect(await preview(session, hash)).toHaveLength(1)
      await confirm(session, hash)
      expect(await participants(session)).toEqual([{ address: friend, can_read_history: false, added_by: null }])
      expect(await listed(session.sql)).toMatchObject([{ address: 'f…@mail.test', is_confirmed: true }])
    }))

  test('cannot do so with a ticket session, whose link may have been forwarded', () =>
    session(carla, async session => {
      await own(session)
      const ticketSession = randomBytes(32)
      await session.as(
        service,
        sql => sql`
          insert into private.ticket_sessions (token_hash, team_id, ticket_id, contact_id)
          values (${ticketSession}, ${acme.id}, ${ticket}, ${contact})`
      )
      await invite(friend)(session.sql)
      await session.become({ ticketSession })
      for (const call of [listed, invite('another@mail.test')]) expect((await session.refusal(call)).code).toBe('42501')
    }))

  test('is named by the event, with the person who was added', () =>
    session(carla, async session => {
      await own(session)
      await confirm(session, await invited(session))
      const events = await session.as(
        service,
        sql => sql`
          select contact_id, channel, "to" ->> 'email' as email from ticket_events
          where ticket_id = ${ticket} and type = 'ticket.participant_added' order by id desc limit 1`
      )
      expect(events).toEqual([{ contact_id: contact, channel: 'portal', email: friend }])
    }))

  test.each([
    ['an address of a member', bob.email, 'PT422', 'own_address'],
    ['their own address', carla.email, 'PT422', 'is_requester'],
    ['another address of their own', 'carl@client.test', 'PT422', 'is_requester'],
    ['no address', 'nobody', '23514', undefined]
  ])('is told that %s cannot be invited', (_, address, code, detail) =>
    session(carla, async session => {
      await own(session)
      expect(await session.refusal(invite(address))).toMatchObject({ code, ...(detail && { detail }) })
      expect(await waitingMails(session)).toEqual([])
    })
  )

  test('learns nothing of what the team knows about an address', () =>
    session(carla, async session => {
      await own(session)
      await session.as(service, async sql => {
        for (const [address, change] of Object.entries({ 'blocked@mail.test': { blocked_at: new Date() }, 'kept@mail.test': {} })) {
          const [{ id }] = await sql<[{ id: string }]>`
            insert into contacts ${sql({ team_id: acme.id, name: 'Known', created_by: bob.id, ...change })} returning id`
          await sql`insert into contact_addresses (team_id, address, contact_id) values (${acme.id}, ${address}, ${id})`
        }
      })
      const seen = new Set<string>()
      // Unknown, known, blocked, and a participant whom an agent has added.
      for (const address of ['kept.not@mail.test', 'kept@mail.test', 'blocked@mail.test', 'mona@minor.test']) {
        expect(await invite(address)(session.sql)).toHaveLength(1)
        const rows = await session.sql`select address, is_confirmed from portal.invitations(${acme.id}, 1)`
        seen.add(JSON.stringify({ ...rows[0], address: '' }))
        const again = await session.refusal(withdraw('ffffffff-0000-4000-8000-0000000000ff'))
        expect(again.code).toBe('PT404')
        await withdraw((await listed(session.sql))[0]!.id)(session.sql)
      }
      expect(seen.size).toBe(1)
    }))

  test('sends the same form twice and asks once; later, the person gets another link and the first one is void', () =>
    session(carla, async session => {
      await own(session)
      const first = await invited(session)
      await session.as(service, sql => sql`update mails set state = 'sent', sent_at = now() where recipient = ${friend}`)
      await invite(friend)(session.sql)
      expect(await waitingMails(session)).toEqual([])
      expect(await preview(session, first)).toHaveLength(1)
      await session.as(service, sql => sql`update private.participant_invitations set created_at = now() - interval '11 minutes'`)
      await invite(friend)(session.sql)
      expect(await waitingMails(session)).toHaveLength(1)
      expect(await listed(session.sql)).toHaveLength(1)
      expect(await preview(session, first)).toEqual([])
      await confirm(session, await issue(session))
      expect(await session.refusal(invite(friend))).toMatchObject({ code: 'PT409', detail: 'already_participant' })
    }))

  test('withdraws an invitation, whose link then does not work; not one that was confirmed', () =>
    session(carla, async session => {
      await own(session)
      const hash = await invited(session)
      const [{ id }] = (await listed(session.sql)) as unknown as [{ id: string }]
      await withdraw(id)(session.sql)
      expect(await listed(session.sql)).toEqual([])
      expect(await preview(session, hash)).toEqual([])
      expect((await refusedConfirm(session, hash)).code).toBe('PT404')
      expect((await session.refusal(withdraw(id))).code).toBe('PT404')
      await confirm(session, await invited(session))
      expect(await session.refusal(withdraw((await listed(session.sql))[0]!.id))).toMatchObject({
        code: 'PT409',
        detail: 'already_participant'
      })
    }))

  test('has at most 10 people in copy, and asks at most 10 a day', () =>
    session(carla, async session => {
      await own(session)
      const fillBudgets = () => session.as(service, sql => sql`delete from private.budgets`)
      for (let count = 0; count < 10; count++) await invite(`friend${count}@mail.test`)(session.sql)
      await fillBudgets()
      expect(await session.refusal(invite(friend))).toMatchObject({ code: 'PT422', detail: 'invitation_limit' })
      for (let count = 0; count < 10; count++) {
        await withdraw((await listed(session.sql))[0]!.id)(session.sql)
        await invite(`other${count}@mail.test`)(session.sql)
      }
      await withdraw((await listed(session.sql))[0]!.id)(session.sql)
      expect(await session.refusal(invite(friend))).toMatchObject({ code: 'PT429', detail: 'rate_limited' })
    }))

  test('invites nobody to a closed ticket, but somebody who was invited before may still come', () =>
    session(carla, async session => {
      await own(session)
      const hash = await invited(session)
      await session.as(service, sql => sql`update tickets set status = 'closed' where id = ${ticket}`)
      expect(await session.refusal(invite('other@mail.test'))).toMatchObject({ code: 'PT409', detail: 'ticket_closed' })
      await confirm(session, hash)
      expect(await participants(session)).toHaveLength(1)
    }))

  test('sees the invitations of a duplicate that was merged into them, and those work', () =>
    session(carla, async session => {
      await own(session)
      const hash = await invited(session)
      await session.as(service, sql => sql`update private.participant_invitations set invited_by = ${carl}`)
      expect(await listed(session.sql)).toHaveLength(1)
      await confirm(session, hash)
      expect(await participants(session)).toHaveLength(1)
    }))
})

describe('nobody but the requester', () => {
  test('invites, sees invitations or withdraws them: not a participant, nor a colleague who sees the ticket', () =>
    session(carla, async session => {
      await own(session)
      await invite(friend)(session.sql)
      const [{ id }] = (await listed(session.sql)) as unknown as [{ id: string }]
      const attempts = async () => {
        expect(await session.sql`select number from portal.ticket(${acme.id}, 1)`).toHaveLength(1)
        expect(await listed(session.sql)).toEqual([])
        for (const attempt of [invite('other@mail.test'), withdraw(id)]) expect((await session.refusal(attempt)).code).toBe('PT404')
      }
      await own(session, mona)
      await session.as(
        service,
        sql => sql`insert into ticket_participants (team_id, ticket_id, contact_id) values (${acme.id}, ${ticket}, ${contact})`
      )
      await attempts()
      await session.as(service, async sql => {
        await sql`delete from ticket_participants where ticket_id = ${ticket}`
        await sql`update contacts set organization_id = ${acme.organization} where id = ${mona}`
        await sql`update organizations set shares_tickets = true where id = ${acme.organization}`
      })
      await attempts()
    }))

  test('a member, somebody who is not signed in, or a client of another team', async () => {
    await session(bob, async ({ refusal }) => expect((await refusal(invite(friend))).code).toBe('PT404'))
    await session(anonymous, async ({ refusal }) => expect((await refusal(invite(friend))).code).toBe('42501'))
    await session(carla, async ({ refusal }) => expect((await refusal(invite(friend, 1, initech.id))).code).toBe('PT404'))
  })
})

describe('an invited person', () => {
  test('who is new becomes a contact in the language of the requester, with a confirmed address', () =>
    session(carla, async session => {
      await own(session)
      await session.as(service, sql => sql`update contacts set locale = 'de' where id = ${contact}`)
      const hash = await invited(session)
      expect(await preview(session, hash)).toMatchObject([{ locale: 'de' }])
      await confirm(session, hash)
      const contacts = await session.as(
        service,
        sql => sql`
          select contact.name, contact.locale, contact.created_by, entry.verified_at is not null as is_verified
          from contacts as contact join contact_addresses as entry on entry.contact_id = contact.id
          where contact.team_id = ${acme.id} and entry.address = ${friend}`
      )
      expect(contacts).toEqual([{ name: null, locale: 'de', created_by: null, is_verified: true }])
    }))

  test('who is known stays the same contact, with their own language', () =>
    session(carla, async session => {
      await own(session)
      await session.as(service, sql => sql`delete from ticket_participants where ticket_id = ${ticket}`)
      await session.as(service, sql => sql`update contacts set locale = 'de' where id = ${mona}`)
      const hash = await invited(session, 'mona@minor.test')
      expect(await preview(session, hash)).toMatchObject([{ locale: 'de' }])
      await confirm(session, hash)
      expect(await session.as(service, sql => sql`select contact_id from ticket_participants where ticket_id = ${ticket}`)).toEqual([
        { contact_id: mona }
      ])
    }))

  test('whom an agent has added before opens the ticket, and nothing is added or shown', () =>
    session(carla, async session => {
      await own(session)
      const before = await session.as(service, sql => sql`select * from ticket_participants where ticket_id = ${ticket}`)
      await confirm(session, await invited(session, 'mona@minor.test'))
      expect(await session.as(service, sql => sql`select * from ticket_participants where ticket_id = ${ticket}`)).toEqual(before)
    }))

  test('opens the ticket and reads what is written from then on, and the link opens it again', () =>
    session(carla, async session => {
      await own(session)
      const hash = await invited(session)
      const opened = await confirm(session, hash)
      await session.as(
        service,
        sql => sql`insert into ticket_replies (team_id, ticket_id, user_id, content) values (${acme.id}, ${ticket}, ${bob.id}, 'After')`
      )
      await session.become(opened)
      expect(await session.sql`select description, files from portal.ticket(${acme.id}, 1)`).toEqual([{ description: null, files: [] }])
      expect(await session.sql`select content from portal.conversation(${acme.id}, 1)`).toEqual([{ content: 'After' }])
      await session.sql`select portal.reply(${acme.id}, 1, 'Hello')`
      await session.become(anonymous)
      expect((await refusedConfirm(session, hash)).code).toBe('PT404')
      expect(await session.sql`select ticket_number from private.ticket_link_preview(${hash})`).toEqual([{ ticket_number: 1 }])
    }))

  test('cannot come when the ticket has 20 participants', () =>
    session(carla, async session => {
      await own(session)
      const hash = await invited(session)
      await session.as(service, async sql => {
        for (let count = 0; count < 19; count++) {
          const [{ id }] = await sql<[{ id: string }]>`
            insert into contacts (team_id, name, created_by) values (${acme.id}, 'Another', ${bob.id}) returning id`
          await sql`insert into contact_addresses (team_id, address, contact_id) values (${acme.id}, ${`a${count}@mail.test`}, ${id})`
          await sql`insert into ticket_participants (team_id, ticket_id, contact_id) values (${acme.id}, ${ticket}, ${id})`
        }
      })
      expect(await refusedConfirm(session, hash)).toMatchObject({ code: 'PT409', detail: 'participant_limit' })
    }))
})

describe('the link of an invitation does not work', () => {
  const changes: [string, (sql: TransactionSql) => Promise<unknown>][] = [
    ['after 7 days', sql => sql`update private.participant_invitations set expires_at = now()`],
    ['when the ticket has another requester', sql => sql`update tickets set contact_id = ${mona} where id = ${ticket}`],
    ['when the requester is blocked', sql => sql`update contacts set blocked_at = now() where id = ${contact}`],
    ['when the requester is erased', sql => sql`update contacts set erased_at = now() where id = ${contact}`],
    ['when the person is blocked', sql => sql`update contacts set blocked_at = now() where id = ${mona}`],
    ['when the person is erased', sql => sql`update contacts set erased_at = now() where id = ${mona}`],
    ['when the address has become one of the team', sql => sql`update teams set reply_to_email = 'mona@minor.test' where id = ${acme.id}`],
    ['when the team is being deleted', sql => sql`update teams set deleted_at = now() where id = ${acme.id}`],
    ['when the ticket is deleted', sql => sql`delete from tickets where id = ${ticket}`],
    ['when another link replaced it', sql => sql`update private.participant_invitations set token_hash = ${Buffer.alloc(32, 1)}`]
  ]
  test.each(changes)('%s', (_, change) =>
    session(carla, async session => {
      await own(session)
      const hash = await invited(session, 'mona@minor.test')
      expect(await preview(session, hash)).toHaveLength(1)
      await session.as(service, sql => change(sql))
      expect(await preview(session, hash)).toEqual([])
      expect((await refusedConfirm(session, hash)).code).toBe('PT404')
    })
  )

  test('when an agent has signed the requester out, who then has invited nobody', () =>
    session(carla, async session => {
      await own(session)
      const hash = await invited(session)
      await session.as(bob, sql => sql`select private.end_contact_sessions(${acme.id}, ${contact})`)
      expect(await preview(session, hash)).toEqual([])
      expect(await listed(session.sql)).toEqual([])
    }))

  test('when an agent has signed the person out, which the requester does not see', () =>
    session(carla, async session => {
      await own(session)
      const hash = await invited(session, 'mona@minor.test')
      const before = await listed(session.sql)
      await session.as(bob, sql => sql`select private.end_contact_sessions(${acme.id}, ${mona})`)
      expect(await preview(session, hash)).toEqual([])
      expect(await listed(session.sql)).toEqual(before)
    }))
})
