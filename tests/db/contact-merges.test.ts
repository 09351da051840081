import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { removeMergesJob } from '#server/jobs/remove-merges'
import { closePool, configureDatabase } from '#server/db/pool'
import { database, databaseUrl, session, type Session } from '../support/as.ts'
import { newTicket, requesterOf } from '../support/contacts.ts'
import { acme, adam, addTeam, ann } from '../support/world.ts'

const { carla, mona } = acme.contacts

describe('merging contacts', () => {
  test('a merge moves addresses and tickets and fills in what is missing; its undo restores all of it', () =>
    session(adam, async ({ sql, refusal }) => {
      await sql`update contacts set notes = 'Likes tea.', locale = 'de' where id = ${mona}`
      const tickets = [await newTicket(sql, adam, { contact_id: mona }), await newTicket(sql, adam, { contact_id: carla })] as const
      const [{ id }] = await sql<[{ id: string }]>`select private.merge_contacts(${acme.id}, ${carla}, ${mona}) as id`
      expect(await sql`select name, locale, notes, email, total_tickets from private.contact_rows where id in (${carla}, ${mona})`).toEqual(
        [{ name: 'Carla Client', locale: 'de', notes: 'Likes tea.', email: 'carla@client.test', total_tickets: 2 }]
      )
      expect(await requesterOf(sql, tickets[0])).toMatchObject({ contact_id: carla, requester_email: 'carla@client.test' })
      expect(await newTicket(sql, adam, { requester_email: 'mona@minor.test' }).then(ticket => requesterOf(sql, ticket))).toMatchObject({
        contact_id: carla
      })

      await sql`select private.undo_merge(${acme.id}, ${id})`
      expect(await sql`select name, locale, notes, email, total_tickets from private.contact_rows where id = ${mona}`).toEqual([
        { name: 'Mona Minor', locale: 'de', notes: 'Likes tea.', email: 'mona@minor.test', total_tickets: 1 }
      ])
      expect(await sql`select locale, notes, total_tickets from private.contact_rows where id = ${carla}`).toEqual([
        { locale: null, notes: null, total_tickets: 2 }
      ])
      expect(await requesterOf(sql, tickets[0])).toMatchObject({ contact_id: mona, requester_email: 'mona@minor.test' })
      expect((await refusal(sql => sql`select private.undo_merge(${acme.id}, ${id})`)).code).toBe('PT409')
    }))

  test('an undo keeps what somebody changed since the merge', () =>
    session(adam, async ({ sql }) => {
      await sql`update contacts set notes = 'Likes tea.' where id = ${mona}`
      const [{ id }] = await sql<[{ id: string }]>`select private.merge_contacts(${acme.id}, ${carla}, ${mona}) as id`
      await sql`update contacts set notes = 'Likes coffee.' where id = ${carla}`
      await sql`select private.undo_merge(${acme.id}, ${id})`
      expect(await sql`select notes from contacts where id = ${carla}`).toEqual([{ notes: 'Likes coffee.' }])
    }))

  test('a contact is not merged with itself or with a merged duplicate', () =>
    session(adam, async ({ refusal }) => {
      const merge = (duplicate: string) => (sql: Session['sql']) => sql`select private.merge_contacts(${acme.id}, ${carla}, ${duplicate})`
      expect(await refusal(merge(carla))).toMatchObject({ code: 'PT422', detail: 'same_contact' })
      expect((await refusal(merge(acme.contacts.carl))).code).toBe('PT404')
    }))

  test('merge, undo, block and changes are in the audit log, with both contacts', () =>
    session(adam, async ({ sql }) => {
      const [{ last }] = await sql<[{ last: string }]>`select coalesce(max(id), 0) as last from ticket_events where team_id = ${acme.id}`
      const [{ id }] = await sql<[{ id: string }]>`select private.merge_contacts(${acme.id}, ${carla}, ${mona}) as id`
      await sql`select private.undo_merge(${acme.id}, ${id})`
      await sql`select private.block_contact(${acme.id}, ${mona}, true)`
      await sql`update contacts set name = 'Mona Major' where id = ${mona}`
      const reference = { id: mona, name: 'Mona Minor', email: 'mona@minor.test' }
      const kept = { id: carla, name: 'Carla Client', email: 'carla@client.test' }
      expect(
        await sql`select type, "from", "to" from ticket_events where team_id = ${acme.id} and id > ${last} and ticket_id is null order by id`
      ).toEqual([
        { type: 'contact.merged', from: reference, to: kept },
        { type: 'contact.unmerged', from: reference, to: kept },
        { type: 'contact.blocked', from: null, to: reference },
        { type: 'contact.updated', from: { id: mona, name: 'Mona Minor' }, to: { id: mona, name: 'Mona Major' } }
      ])
    }))
})

describe('merges of more than 30 days ago', () => {
  beforeAll(() => {
    configureDatabase(databaseUrl(), 2)
  })
  afterAll(closePool)

  test('a job removes them with their duplicates, except contacts whose merge was undone', async () => {
    const team = randomUUID()
    const [kept, merged, separated, recent] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]
    const sql = database()
    await sql.begin(async sql => {
      await addTeam(sql, team, [ann])
      await sql`insert into contacts ${sql([kept, merged, separated, recent].map(id => ({ id, team_id: team, created_by: ann.id })))}`
      await sql`update contacts set merged_into = ${kept} where id in ${sql([merged, recent])}`
      const merge = { team_id: team, contact_id: kept, addresses: [], before: sql.json({}), after: sql.json({}), merged_by: ann.id }
      const old = new Date(Date.now() - 31 * 86_400_000)
      await sql`insert into contact_merges ${sql([
        { ...merge, duplicate_id: merged, created_at: old, undone_at: null },
        { ...merge, duplicate_id: separated, created_at: old, undone_at: old },
        { ...merge, duplicate_id: recent, created_at: new Date(), undone_at: null }
      ])}`
    })
    try {
      await removeMergesJob.run(new AbortController().signal)
      expect((await sql<{ id: string }[]>`select id from contacts where team_id = ${team}`).map(({ id }) => id).sort()).toEqual(
        [kept, separated, recent].sort()
      )
      expect(await sql`select duplicate_id from contact_merges where team_id = ${team}`).toEqual([{ duplicate_id: recent }])
    } finally {
      await sql`delete from teams where id = ${team}`
    }
  })
})
