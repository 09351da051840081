import { randomUUID } from 'node:crypto'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { database, impersonate, service, session } from '../support/as.ts'
import { newTicket, requesterOf } from '../support/contacts.ts'
import { acme, addTeam, ann, bob, vera } from '../support/world.ts'

const { carla, mona } = acme.contacts

describe('the requester of a ticket', () => {
  test('a new address adds a contact, who belongs to the organization of its domain', () =>
    session(bob, async ({ sql }) => {
      const ticket = await newTicket(sql, bob, { requester_email: 'new@client.test', requester_name: 'Nina New' })
      const { contact_id } = (await requesterOf(sql, ticket))!
      expect(
        await sql`select name, email, organization_id, open_tickets from private.contact_rows where id = ${contact_id as string}`
      ).toEqual([{ name: 'Nina New', email: 'new@client.test', organization_id: acme.organization, open_tickets: 1 }])
    }))

  test('a known address belongs to its contact: the ticket gets their name and primary address', () =>
    session(bob, async ({ sql }) => {
      const ticket = await newTicket(sql, bob, { requester_email: 'carl@client.test', requester_name: 'C.' })
      expect(await requesterOf(sql, ticket)).toEqual({
        contact_id: carla,
        requester_name: 'Carla Client',
        requester_email: 'carla@client.test'
      })
      const other = await newTicket(sql, bob, { contact_id: mona })
      expect(await requesterOf(sql, other)).toEqual({ contact_id: mona, requester_name: 'Mona Minor', requester_email: 'mona@minor.test' })
    }))

  test('an address of the team itself never becomes a contact', () =>
    session(bob, async ({ sql }) => {
      const ticket = await newTicket(sql, bob, { requester_email: vera.email, requester_name: 'Vera' })
      expect(await requesterOf(sql, ticket)).toEqual({ contact_id: null, requester_name: 'Vera', requester_email: vera.email })
    }))

  test('another address moves the ticket to another contact, no address to none', () =>
    session(bob, async ({ sql }) => {
      const ticket = await newTicket(sql, bob, { contact_id: mona })
      await sql`update tickets set requester_email = 'carla@client.test' where id = ${ticket}`
      expect(await requesterOf(sql, ticket)).toMatchObject({ contact_id: carla, requester_name: 'Carla Client' })
      await sql`update tickets set contact_id = null where id = ${ticket}`
      expect(await requesterOf(sql, ticket)).toEqual({ contact_id: null, requester_name: null, requester_email: null })
    }))

  test('a corrected name in a ticket renames the contact in all tickets, which is no activity of the others', () =>
    session(bob, async ({ sql, as }) => {
      const [ticket, other] = [await newTicket(sql, bob, { contact_id: mona }), await newTicket(sql, bob, { contact_id: mona })]
      await as(service, sql => sql`update tickets set created_at = '2026-01-01', last_activity_at = '2026-01-02' where id = ${other}`)
      await sql`update tickets set requester_name = 'Mona Major' where id = ${ticket}`
      expect(await requesterOf(sql, other)).toMatchObject({ contact_id: mona, requester_name: 'Mona Major' })
      expect(await sql`select name from contacts where id = ${mona}`).toEqual([{ name: 'Mona Major' }])
      expect(await sql`select last_activity_at < '2026-02-01' as is_old from tickets where id = ${other}`).toEqual([{ is_old: true }])
    }))

  test('two transactions that add the same address get the same contact', async () => {
    const id = randomUUID()
    await database().begin(sql => addTeam(sql, id, [ann]))
    const add = () =>
      database().begin(async sql => {
        await impersonate(sql, ann)
        await sql`
          insert into tickets (team_id, subject, description, requester_email, created_by) values (${id}, 'x', 'x', 'same@x.test', ${ann.id})`
      })
    try {
      await Promise.all([add(), add(), add(), add()])
      expect(
        await database()`select count(*)::int, count(distinct contact_id)::int as contacts from tickets where team_id = ${id}`
      ).toEqual([{ count: 4, contacts: 1 }])
      expect(await database()`select count(*)::int from contacts where team_id = ${id}`).toEqual([{ count: 1 }])
    } finally {
      await database()`delete from teams where id = ${id}`
    }
  })

  test('tickets from before contacts get theirs, with the newest name of the address', () =>
    session(service, async ({ sql }) => {
      const tickets: string[] = []
      for (const requester_name of ['Old Name', 'New Name', null])
        tickets.push(
          await newTicket(sql, ann, { requester_email: 'old@x.test', requester_name, created_at: `2026-01-0${tickets.length + 1}` })
        )
      await sql`alter table tickets disable trigger user`
      await sql`update tickets set contact_id = null, requester_name = case id when ${tickets[0]!} then 'Old Name' when ${tickets[1]!} then 'New Name' end where id in ${sql(tickets)}`
      await sql`alter table tickets enable trigger user`
      await sql`delete from contacts where id in (select contact_id from contact_addresses where address = 'old@x.test')`
      expect(await sql`select private.add_missing_contacts() as added`).toEqual([{ added: 3 }])
      expect(
        await sql`select distinct requester_name, contact_id is not null as has_contact from tickets where id in ${sql(tickets)}`
      ).toEqual([{ requester_name: 'New Name', has_contact: true }])
    }))
})

describe('erasing a contact', () => {
  test('their name and address leave the tickets, and what they wrote stays', () =>
    session(ann, async ({ sql }) => {
      const ticket = await newTicket(sql, ann, { contact_id: mona })
      expect(await sql`select private.erase_contact(${acme.id}, ${mona}) as is_done`).toEqual([{ is_done: true }])
      expect(await requesterOf(sql, ticket)).toEqual({ contact_id: null, requester_name: null, requester_email: null })
      expect(await sql`select from contacts where id = ${mona}`).toHaveLength(0)
    }))
})

describe('a contact with many tickets', () => {
  const teams: string[] = []
  afterEach(async () => {
    await database()`delete from teams where id in ${database()(teams.splice(0))}`
  })
  let continueAll: () => Promise<void>
  beforeAll(() => {
    continueAll = async () => {
      for (;;) {
        const rows = await database()<{ id: string }[]>`select id from private.cleanups where team_id in ${database()(teams)} order by id`
        if (rows.length === 0) return
        for (const { id } of rows) await database()`select private.continue_cleanup(${id})`
      }
    }
  })

  test.each(['renamed', 'merged', 'erased'] as const)('is %s in steps: the first at once, a job does the rest', async change => {
    const id = randomUUID()
    teams.push(id)
    const [contact, duplicate] = [randomUUID(), randomUUID()]
    await database().begin(async sql => {
      await sql`select set_config('switchboard.channel', 'import', true)`
      await addTeam(sql, id, [ann])
      await sql`insert into contacts ${sql([contact, duplicate].map((id, index) => ({ id, team_id: teams[0]!, name: `Contact ${index}`, created_by: ann.id })))}`
      await sql`insert into contact_addresses ${sql([contact, duplicate].map((contact_id, index) => ({ team_id: id, contact_id, address: `c${index}@x.test` })))}`
      await sql`
        insert into tickets (team_id, subject, description, contact_id, created_by)
        select ${id}, 'x', 'x', ${duplicate}, ${ann.id} from generate_series(1, 450)`
    })
    await database().begin(async sql => {
      await impersonate(sql, ann)
      await sql`select set_config('switchboard.channel', 'ui', true)` // as the server does: rows count against no budget
      if (change === 'renamed') await sql`update contacts set name = 'Renamed' where id = ${duplicate}`
      if (change === 'merged') await sql`select private.merge_contacts(${id}, ${contact}, ${duplicate})`
      if (change === 'erased') await sql`select private.erase_contact(${id}, ${duplicate})`
    })
    const expected = {
      renamed: { contact_id: duplicate, requester_name: 'Renamed', requester_email: 'c1@x.test' },
      merged: { contact_id: contact, requester_name: 'Contact 0', requester_email: 'c0@x.test' },
      erased: { contact_id: null, requester_name: null, requester_email: null }
    }[change]
    const done = () =>
      database()`
        select count(*)::int from tickets
        where team_id = ${id} and contact_id is not distinct from ${expected.contact_id}
          and requester_name is not distinct from ${expected.requester_name} and requester_email is not distinct from ${expected.requester_email}`
    expect(await done()).toEqual([{ count: 200 }])
    await continueAll()
    expect(await done()).toEqual([{ count: 450 }])
    expect(await database()`select from contacts where id = ${duplicate}`).toHaveLength(change === 'erased' ? 0 : 1)
  })
})
