import { describe, expect, test } from 'vitest'
import { ann, acme, bob, vera } from '../support/world.ts'
import { service, session, type Session } from '../support/as.ts'

const { carla, carl } = acme.contacts
const ticket = acme.tickets.unassigned

/** Writes a reply as the contact, as the portal does, and returns its id. */
const writeAs = async ({ as }: Session, contact: string, fields: Record<string, unknown> = {}) =>
  as(service, async sql => {
    await sql`select set_config('switchboard.contact_id', ${contact}, true), set_config('switchboard.channel', 'portal', true)`
    const [reply] = await sql<[{ id: string }]>`
      insert into ticket_replies (team_id, ticket_id, user_id, author_kind, contact_id, content, is_internal)
      select ${acme.id}, ${ticket}, private.channel_profile(${acme.id}, 'portal'), 'requester', ${contact}, 'It still drops',
        ${(fields.is_internal as boolean | undefined) ?? false}
      returning id`
    await sql`select set_config('switchboard.contact_id', '', true), set_config('switchboard.channel', '', true)`
    return reply.id
  })
const authorOf = async (sql: Session['sql'], id: string) => {
  const [row] = await sql<{ author: { id: string | null; full_name: string } }[]>`
    select private.reply_author(reply) as author from ticket_replies as reply where reply.id = ${id}`
  return row!.author
}

describe('a reply of a contact', () => {
  test('carries the name of the contact, now and after another name', () =>
    session(bob, async session => {
      const id = await writeAs(session, carla)
      await session.as(service, async sql => {
        expect(await authorOf(sql, id)).toEqual({ id: null, full_name: 'Carla Client', avatar_url: null })
        await sql`update contacts set name = 'Carla Chief' where id = ${carla}`
        expect(await authorOf(sql, id)).toMatchObject({ full_name: 'Carla Chief' })
      })
    }))

  test('carries the name of the contact who took over a duplicate', () =>
    session(bob, async session => {
      const id = await writeAs(session, carl)
      expect(await session.as(service, sql => authorOf(sql, id))).toMatchObject({ id: null, full_name: 'Carla Client' })
    }))

  test('keeps its text and loses the name when the contact is erased', () =>
    session(ann, async session => {
      const id = await writeAs(session, carla)
      await session.sql`select private.erase_contact(${acme.id}, ${carla})`
      const [reply] = await session.sql`select content, contact_id from ticket_replies where id = ${id}`
      expect(reply).toEqual({ content: 'It still drops', contact_id: null })
      expect(await session.as(service, sql => authorOf(sql, id))).toMatchObject({ full_name: 'Portal' })
    }))

  test('is never an internal note', () =>
    session(bob, async session => {
      await expect(writeAs(session, carla, { is_internal: true })).rejects.toMatchObject({ code: '23514' })
    }))

  test('is no first response, and its event names the contact and the profile of the portal', () =>
    session(bob, async session => {
      await writeAs(session, carla)
      const { sql } = session
      expect(await sql`select first_response_at, reply_count from tickets where id = ${ticket}`).toEqual([
        { first_response_at: null, reply_count: 1 }
      ])
      expect(
        await sql`
          select entry.contact_id, entry.channel, actor.full_name as actor from ticket_events as entry
          join profiles as actor on actor.id = entry.actor_id where entry.ticket_id = ${ticket} and entry.type = 'reply.created'`
      ).toEqual([{ contact_id: carla, channel: 'portal', actor: 'Portal' }])
    }))

  test('is deleted by admins only: no member wrote it', async () => {
    await session(vera, async session => {
      const id = await writeAs(session, carla)
      expect(await session.sql`delete from ticket_replies where id = ${id} returning id`).toEqual([])
    })
    await session(ann, async session => {
      const id = await writeAs(session, carla)
      expect(await session.sql`delete from ticket_replies where id = ${id} returning id`).toHaveLength(1)
    })
  })

  test('has a contact of the same team', () =>
    session(bob, async ({ as }) => {
      await expect(
        as(
          service,
          sql => sql`
          insert into ticket_replies (team_id, ticket_id, user_id, author_kind, contact_id, content)
          values (${acme.id}, ${ticket}, ${bob.id}, 'requester', 'bbbbbbbb-0000-4000-8000-000000000b01', 'x')`
        )
      ).rejects.toMatchObject({ code: '23503' })
    }))
})
