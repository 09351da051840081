import { createHash, randomBytes } from 'node:crypto'
import type { TransactionSql } from 'postgres'
import { describe, expect, test } from 'vitest'
import { acme, adam, bob, carla, initech } from '../support/world.ts'
import { anonymous, service, session, type Session } from '../support/as.ts'

const { carla: contact, carl, mona } = acme.contacts
const ticket = acme.tickets.bobs

/** Makes a contact the requester of tickets of Acme. */
const own = ({ as }: Session, id: string = contact, ...tickets: string[]) =>
  as(service, async sql => {
    for (const one of tickets.length ? tickets : [ticket]) await sql`update tickets set contact_id = ${id} where id = ${one}`
  })
const numbersOf = async (sql: TransactionSql, team: string = acme.id) =>
  (await sql<{ ticket_number: number }[]>`select ticket_number from portal.tickets(${team})`).map(row => row.ticket_number)

/** Begins a ticket session, and returns its caller. */
const openSession = (
  { as }: Session,
  { ticketId = ticket, contactId = contact, age = '0' }: { ticketId?: string; contactId?: string; age?: string } = {}
) =>
  as(service, async sql => {
    const ticketSession = createHash('sha256').update(randomBytes(32)).digest()
    await sql`
      insert into private.ticket_sessions (token_hash, team_id, ticket_id, contact_id, expires_at)
      values (${ticketSession}, ${acme.id}, ${ticketId}, ${contactId}, now() + interval '30 days' - ${age}::interval)`
    return { ticketSession }
  })

/** All that a client can read about a team. */
const snapshot = async (sql: TransactionSql, who: string) =>
  JSON.stringify([
    await sql`select * from portal.client(${acme.id})`,
    await sql`select * from portal.categories(${acme.id})`,
    await sql`select * from portal.tickets(${acme.id})`,
    await sql`select * from portal.tickets(${acme.id}, 'open', null, '{vpn}')`,
    await sql`select * from portal.tickets(${acme.id}, 'open', null, '{secret}')`,
    await sql`select * from portal.ticket(${acme.id}, 1)`,
    await sql`select * from portal.conversation(${acme.id}, 1)`,
    ...(who === 'an account' ? await sql`select * from portal.invitations(${acme.id}, 1)` : [])
  ])

describe('a client with an account', () => {
  test('sees their own tickets and nobody else’s', () =>
    session(carla, async session => {
      const { sql, refusal } = session
      expect(await numbersOf(sql)).toEqual([])
      await own(session)
      await own(session, mona, acme.tickets.unassigned)
      expect(await numbersOf(sql)).toEqual([1])
      expect(await sql`select number, subject, category_name, is_own from portal.ticket(${acme.id}, 1)`).toEqual([
        { number: 1, subject: 'VPN drops every hour', category_name: 'Technical issue', is_own: true }
      ])
      for (const number of [2, 999])
        expect(await refusal(sql => sql`select * from portal.ticket(${acme.id}, ${number})`)).toMatchObject({ code: 'PT404' })
    }))

  test('sees public replies and no note', () =>
    session(carla, async session => {
      await own(session)
      expect(await session.sql`select author_name, is_team, is_own, content from portal.conversation(${acme.id}, 1)`).toEqual([
        { author_name: 'Bob Byrd', is_team: true, is_own: false, content: 'Looking at it.' },
        { author_name: 'Vera Vale', is_team: true, is_own: false, content: 'Same here.' }
      ])
    }))

  test('has no portal in a team where they are no contact, whoever works there', async () => {
    for (const caller of [carla, bob, anonymous] as const)
      await session(caller, async session => {
        const team = caller === carla ? initech.id : acme.id
        await session.as(service, sql => sql`update contacts set user_id = ${carla.id} where id = ${contact}`)
        expect(await session.refusal(sql => sql`select * from portal.tickets(${team})`)).toMatchObject({ code: 'PT404' })
      })
  })

  test('is a stranger after they were blocked or erased, and when their session has ended', () =>
    session(carla, async session => {
      const changes = [
        (sql: TransactionSql) => sql`update contacts set blocked_at = now() where id = ${contact}`,
        (sql: TransactionSql) => sql`update contacts set blocked_at = null, erased_at = now() where id = ${contact}`,
        (sql: TransactionSql) => sql`update contacts set erased_at = null where id = ${contact}`,
        (sql: TransactionSql) => sql`delete from auth.sessions where user_id = ${carla.id}`
      ]
      for (const [index, change] of changes.entries()) {
        await session.as(service, sql => change(sql))
        if (index === 2) expect(await session.sql`select name from portal.client(${acme.id})`).toEqual([{ name: 'Carla Client' }])
        else
          expect(await session.refusal(sql => sql`select * from portal.tickets(${acme.id})`), String(index)).toMatchObject({
            code: 'PT404'
          })
      }
    }))

  test('acts as the contact that took over, if theirs was merged', () =>
    session(carla, async session => {
      await own(session)
      await session.as(service, async sql => {
        await sql`update contacts set user_id = null where id = ${contact}`
        await sql`update contacts set user_id = ${carla.id} where id = ${carl}`
      })
      expect(await numbersOf(session.sql)).toEqual([1])
    }))

  test('sees the tickets of colleagues only while their organization shares them', () =>
    session(carla, async session => {
      await own(session, mona, ticket)
      await session.as(service, sql => sql`update contacts set organization_id = ${acme.organization} where id = ${mona}`)
      expect(await numbersOf(session.sql)).toEqual([])
      await session.as(service, sql => sql`update organizations set shares_tickets = true where id = ${acme.organization}`)
      expect(await numbersOf(session.sql)).toEqual([1])
      expect(await session.sql`select requester_name, is_own from portal.ticket(${acme.id}, 1)`).toEqual([
        { requester_name: 'Mona Minor', is_own: false }
      ])
      await session.as(service, sql => sql`update contacts set organization_id = null where id = ${contact}`)
      expect(await numbersOf(session.sql)).toEqual([])
    }))

  test('gets the pages of the list in order, what waits for them first', () =>
    session(carla, async session => {
      await own(session, contact, ...Object.values(acme.tickets))
      const pages: number[] = []
      for (let after: unknown = null; ;) {
        const [row] = await session.sql<{ ticket_number: number; place: unknown }[]>`
          select ticket_number, place from portal.tickets(${acme.id}, after => ${session.sql.json(after as never)}, size => 1)`
        if (!row) break
        pages.push(row.ticket_number)
        after = row.place
      }
      expect(pages).toEqual(await numbersOf(session.sql))
      expect(pages[0]).toBe(4)
      expect([...pages].sort()).toEqual([1, 2, 3, 4])
    }))

  test('finds words of the subject, the description and public replies, and takes wildcards literally', () =>
    session(carla, async session => {
      await own(session, contact, ...Object.values(acme.tickets))
      const find = async (...words: string[]) =>
        (await session.sql<{ ticket_number: number }[]>`select ticket_number from portal.tickets(${acme.id}, words => ${words})`)
          .map(row => row.ticket_number)
          .sort()
      expect(await find('VPN', 'drops')).toEqual([1])
      expect(await find('same here')).toEqual([1])
      expect(await find('replaced')).toEqual([3])
      expect(await find('%')).toEqual([])
      expect(await find('_nvoice')).toEqual([])
      expect(await find('firewall'), 'a word of a note').toEqual([])
    }))
})

describe('a ticket session', () => {
  test('sees its ticket and nothing else', () =>
    session(anonymous, async session => {
      await own(session, contact, ...Object.values(acme.tickets))
      await session.become(await openSession(session))
      expect(await numbersOf(session.sql)).toEqual([1])
      expect(await session.sql`select name, is_session, ticket_number from portal.client(${acme.id})`).toEqual([
        { name: 'Carla Client', is_session: true, ticket_number: 1 }
      ])
      expect(await session.refusal(sql => sql`select * from portal.ticket(${acme.id}, 2)`)).toMatchObject({ code: 'PT404' })
      expect(await session.refusal(sql => sql`select * from portal.reply(${acme.id}, 2, 'Hello')`)).toMatchObject({ code: 'PT404' })
      expect(await session.refusal(sql => sql`select * from portal.tickets(${initech.id})`)).toMatchObject({ code: 'PT404' })
      expect(await session.refusal(sql => sql`select * from portal.create_ticket(${acme.id}, 'More', 'More')`)).toMatchObject({
        code: '42501'
      })
    }))

  test('ends with its time, with the requester, and when the contact is blocked', () =>
    session(anonymous, async session => {
      await own(session)
      const live = await openSession(session)
      const expired = await openSession(session, { age: '30 days' })
      const attempt = (caller: typeof live) =>
        session.as(caller, () => session.refusal(sql => sql`select * from portal.ticket(${acme.id}, 1)`))
      expect(await session.as(live, sql => sql`select number from portal.ticket(${acme.id}, 1)`)).toEqual([{ number: 1 }])
      expect(await attempt(expired)).toMatchObject({ code: 'PT404' })
      await own(session, mona)
      expect(await attempt(live)).toMatchObject({ code: 'PT404' })
      await own(session)
      await session.as(service, sql => sql`update contacts set blocked_at = now() where id = ${contact}`)
      expect(await attempt(live)).toMatchObject({ code: 'PT404' })
    }))

  test('is not shared with the organization', () =>
    session(anonymous, async session => {
      await own(session, mona)
      await session.as(service, async sql => {
        await sql`update contacts set organization_id = ${acme.organization} where id = ${mona}`
        await sql`update organizations set shares_tickets = true where id = ${acme.organization}`
      })
      await session.become(await openSession(session))
      expect(await session.refusal(sql => sql`select * from portal.ticket(${acme.id}, 1)`)).toMatchObject({ code: 'PT404' })
    }))

  test('begins with a link, and ends with all links of the contact to the ticket', () =>
    session(anonymous, async session => {
      const { sql } = session
      const [link, hash] = [randomBytes(32), randomBytes(32)]
      await own(session)
      await session.as(
        service,
        sql =>
          sql`insert into private.ticket_links (token_hash, team_id, ticket_id, contact_id) values (${link}, ${acme.id}, ${ticket}, ${contact})`
      )
      expect(await sql`select slug, ticket_number, contact_name from private.ticket_link_preview(${link})`).toEqual([
        { slug: 'acme', ticket_number: 1, contact_name: 'Carla Client' }
      ])
      expect(await sql`select * from private.ticket_of_session(${hash})`).toEqual([])
      await sql`select private.open_ticket_link(${link}, ${hash})`
      expect(await sql`select ticket_number from private.ticket_of_session(${hash})`).toEqual([{ ticket_number: 1 }])
      await sql`select private.end_ticket_session(${hash})`
      expect(await sql`select * from private.ticket_of_session(${hash})`).toEqual([])
      expect(await session.refusal(sql => sql`select private.open_ticket_link(${link}, ${randomBytes(32)})`)).toMatchObject({
        code: 'PT404'
      })
    }))
})

describe('what the team keeps to itself', () => {
  test.each(['an account', 'a ticket session'])('moves no byte of what a client with %s can read', who =>
    session(carla, async session => {
      await own(session)
      for (const address of ['known@mail.test', 'mona@minor.test'])
        await session.sql`select portal.invite_participant(${acme.id}, 1, ${address})`
      if (who === 'a ticket session') await session.become(await openSession(session))
      const before = await snapshot(session.sql, who)
      expect(before).toContain('VPN drops every hour')
      if (who === 'an account') expect(before).toContain('k…@mail.test')
      await session.as(bob, async sql => {
        const [note] = await sql<{ id: string }[]>`
          insert into ticket_replies (team_id, ticket_id, content, is_internal)
          values (${acme.id}, ${ticket}, ${`A secret, <@${acme.apiKey}> and <@${bob.id}>`}, true) returning id`
        await sql`insert into ticket_tags (team_id, ticket_id, tag) values (${acme.id}, ${ticket}, 'secret')`
        await sql`delete from ticket_articles where ticket_id = ${ticket}`
        await sql`insert into ticket_articles (team_id, ticket_id, article_id, cited_by) values (${acme.id}, ${ticket}, ${acme.articles.bobs}, ${bob.id})`
        await sql`insert into ticket_followers (team_id, ticket_id, user_id) values (${acme.id}, ${ticket}, ${bob.id}) on conflict do nothing`
        await sql`update tickets set severity = 1, priority = 'urgent', snoozed_until = now() + interval '1 day' where id = ${ticket}`
        // What becomes of the people who were invited.
        const [known] = await sql<[{ id: string }]>`
          insert into contacts (team_id, name, created_by) values (${acme.id}, 'Known', ${bob.id}) returning id`
        await sql`insert into contact_addresses (team_id, address, contact_id) values (${acme.id}, 'known@mail.test', ${known.id})`
        await sql`
          insert into ticket_participants (team_id, ticket_id, contact_id, added_by) values (${acme.id}, ${ticket}, ${known.id}, ${bob.id})`
        await session.as(adam, sql => sql`select private.block_contact(${acme.id}, ${known.id}, true)`)
        await sql`select private.end_contact_sessions(${acme.id}, ${mona})`
        await session.as(
          service,
          sql => sql`
            insert into ticket_attachments (id, team_id, ticket_id, reply_id, uploaded_by, name, size, sha256, content_type, state, position)
            values (gen_random_uuid(), ${acme.id}, ${ticket}, ${note!.id}, ${bob.id}, 'secret.txt', 1, ${'0'.repeat(64)}, 'text/plain', 'clean', 1)`
        )
      })
      expect(await snapshot(session.sql, who)).toBe(before)
    })
  )
})

describe('a participant of a ticket', () => {
  /** Adds Carla to #001, whose requester is Mona, and writes a reply of Bob afterwards. */
  const takePart = async ({ as }: Session, canReadHistory = false) =>
    as(service, async sql => {
      await sql`update tickets set contact_id = ${mona}, created_at = now() - interval '2 hours' where id = ${ticket}`
      await sql`update ticket_replies set created_at = now() - interval '1 hour', content = 'Before' where id = ${acme.replies.bobs}`
      await sql`update ticket_replies set created_at = now() - interval '1 hour' where id = ${acme.replies.veras}`
      await sql`
        insert into ticket_participants (team_id, ticket_id, contact_id, can_read_history, created_at)
        values (${acme.id}, ${ticket}, ${contact}, ${canReadHistory}, now() - interval '1 minute')`
      await sql`insert into ticket_replies (team_id, ticket_id, user_id, content, created_at)
        values (${acme.id}, ${ticket}, ${bob.id}, 'After', now() - interval '30 seconds')`
    })
  const contents = async (sql: TransactionSql) =>
    (await sql<{ content: string }[]>`select content from portal.conversation(${acme.id}, 1)`).map(({ content }) => content)

  test('reads only what was written since they were added, and finds nothing earlier by its words', () =>
    session(carla, async session => {
      await takePart(session)
      const { sql } = session
      expect(await numbersOf(sql)).toEqual([1])
      expect(await contents(sql)).toEqual(['After'])
      expect(await sql`select description, files, is_own from portal.ticket(${acme.id}, 1)`).toEqual([
        { description: null, files: [], is_own: false }
      ])
      const found = async (word: string) => (await sql`select ticket_number from portal.tickets(${acme.id}, 'all', null, ${[word]})`).length
      expect([await found('after'), await found('vpn'), await found('before'), await found('about:')]).toEqual([1, 1, 0, 0])
    }))

  test('reads everything public when an agent allows it', () =>
    session(carla, async session => {
      await takePart(session, true)
      expect(await contents(session.sql)).toEqual(['Before', 'Same here.', 'After'])
      expect(await session.sql`select description from portal.ticket(${acme.id}, 1)`).toEqual([
        { description: 'About: VPN drops every hour' }
      ])
    }))

  test('replies, and takes part through a ticket session too', () =>
    session(carla, async session => {
      await takePart(session)
      await session.sql`select portal.reply(${acme.id}, 1, 'Me too')`
      await session.become(await openSession(session))
      expect(await contents(session.sql)).toEqual(['After', 'Me too'])
    }))

  test('takes part as the contact that took over a duplicate, and no longer when removed', () =>
    session(carla, async session => {
      await takePart(session)
      await session.as(service, sql => sql`update ticket_participants set contact_id = ${carl} where contact_id = ${contact}`)
      expect(await contents(session.sql)).toEqual(['After'])
      await session.as(service, sql => sql`delete from ticket_participants where contact_id = ${carl}`)
      expect(await numbersOf(session.sql)).toEqual([])
    }))
})

describe('the projects of the portal', () => {
  test('are those of all contacts and of the own organization that are not archived', () =>
    session(carla, async session => {
      const { sql, as } = session
      await as(service, async sql => {
        const [other] = await sql<[{ id: string }]>`
          insert into organizations (team_id, name, created_by) values (${acme.id}, 'Other', ${bob.id}) returning id`
        await sql`insert into projects ${sql([
          { team_id: acme.id, name: 'Everybody’s', organization_id: null, archived_at: null },
          { team_id: acme.id, name: 'Archived', organization_id: null, archived_at: new Date() },
          { team_id: acme.id, name: 'Of others', organization_id: other.id, archived_at: null }
        ])}`
      })
      expect((await sql`select name from portal.projects(${acme.id})`).map(({ name }) => name as string)).toEqual([
        'Everybody’s',
        'Website'
      ])
    }))

  test('can be chosen for a new ticket; another one is refused', () =>
    session(carla, async ({ sql, refusal }) => {
      const create = (project: string) => (sql: TransactionSql) =>
        sql<{ ticket_number: number }[]>`
          select ticket_number from portal.create_ticket(${acme.id}, 'Shop is down', 'Please', project_id => ${project})`
      const [created] = await create(acme.project)(sql)
      expect(await sql`select project_name from portal.ticket(${acme.id}, ${created!.ticket_number})`).toEqual([
        { project_name: 'Website' }
      ])
      expect(await refusal(create(initech.project))).toMatchObject({ code: 'PT400', detail: 'project_id' })
    }))
})

describe('a contact whom an agent signs out', () => {
  const signOut = ({ as }: Session, id: string = contact) =>
    as(bob, async sql => (await sql`select * from private.end_contact_sessions(${acme.id}, ${id})`)[0])
  const beginSession = ({ as }: Session, when: string) =>
    as(service, sql => sql`update auth.sessions set created_at = now() + ${when}::interval where user_id = ${carla.id}`)

  test('is asked to sign in again, with a session that began before', () =>
    session(carla, async session => {
      const { sql, refusal } = session
      await own(session)
      await beginSession(session, '-1 hour')
      expect(await numbersOf(sql)).toEqual([1])
      await signOut(session)
      expect(await refusal(numbersOf)).toMatchObject({ code: 'PT401', detail: 'session_ended' })
      expect(await sql`select slug from private.portal_teams()`).toEqual([])
      await beginSession(session, '1 second')
      expect(await numbersOf(sql)).toEqual([1])
      expect(await sql`select slug from private.portal_teams()`).toEqual([{ slug: 'acme' }])
    }))

  test('stays a client of other teams', () =>
    session(carla, async session => {
      await beginSession(session, '-1 hour')
      await session.as(service, sql => sql`update contacts set user_id = ${carla.id} where id = ${initech.contacts.mona}`)
      await signOut(session)
      expect(await numbersOf(session.sql, initech.id)).toEqual([])
      expect(await session.sql`select slug from private.portal_teams()`).toEqual([{ slug: 'initech' }])
    }))

  test('loses the ticket sessions and links also of the duplicates that were merged into them; expired ones are not counted', () =>
    session(carla, async session => {
      await own(session)
      const opened = await openSession(session)
      const ofDuplicate = await openSession(session, { contactId: carl })
      await openSession(session, { age: '31 days' })
      const other = await openSession(session, { contactId: mona, ticketId: acme.tickets.unassigned })
      await own(session, mona, acme.tickets.unassigned)
      await session.as(
        service,
        sql => sql`
          insert into private.ticket_links (token_hash, team_id, ticket_id, contact_id, expires_at)
          select sha256(days::text::bytea), ${acme.id}, ${ticket}, ${contact}, now() + days * interval '1 day' from generate_series(-1, 3) as days
          where days <> 0`
      )
      expect(await signOut(session)).toEqual({ ticket_sessions: 2, ticket_links: 3 })
      for (const caller of [opened, ofDuplicate]) {
        await session.become(caller)
        expect((await session.refusal(numbersOf)).code).toBe('PT404')
      }
      await session.become(other)
      expect(await numbersOf(session.sql)).toEqual([2])
    }))

  test('has no mailed link to sign in left; a token that Supabase Auth made for another reason stays', () =>
    session(carla, async session => {
      const tokens = () =>
        session.as(service, async sql => (await sql`select recovery_token, confirmation_token from auth.users where id = ${carla.id}`)[0])
      await session.as(service, async sql => {
        await sql`update auth.users set recovery_token = 'mailed', confirmation_token = 'elsewhere' where id = ${carla.id}`
        await sql`select private.record_sign_in_link(${acme.id}, ${carla.email}, sha256('mailed'))`
      })
      await signOut(session, mona)
      expect(await tokens()).toEqual({ recovery_token: 'mailed', confirmation_token: 'elsewhere' })
      await signOut(session)
      expect(await tokens()).toEqual({ recovery_token: '', confirmation_token: 'elsewhere' })
      expect(await session.as(service, sql => sql`select from private.sign_in_links`)).toHaveLength(0)
    }))

  test('must exist, and must not have been merged into another', () =>
    session(bob, async ({ refusal }) => {
      const end = (id: string) => (sql: TransactionSql) => sql`select private.end_contact_sessions(${acme.id}, ${id})`
      expect((await refusal(end(carl))).code).toBe('PT404')
    }))
})
