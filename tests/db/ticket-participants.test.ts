import { describe, expect, test } from 'vitest'
import { service, session } from '../support/as.ts'
import { newTicket } from '../support/contacts.ts'
import { acme, bob } from '../support/world.ts'

const { carla, carl, mona } = acme.contacts
const ticket = acme.tickets.bobs
const add = (contact: string, fields: Record<string, unknown> = {}) => ({
  team_id: acme.id,
  ticket_id: ticket,
  contact_id: contact,
  added_by: bob.id,
  ...fields
})

describe('participants of a ticket', () => {
  test('a new participant may not read earlier messages, and an agent can change that', () =>
    session(bob, async ({ sql }) => {
      await sql`insert into ticket_participants ${sql(add(carla))}`
      const read = () => sql`select can_read_history from ticket_participants where ticket_id = ${ticket} and contact_id = ${carla}`
      expect(await read()).toEqual([{ can_read_history: false }])
      await sql`update ticket_participants set can_read_history = true where contact_id = ${carla}`
      expect(await read()).toEqual([{ can_read_history: true }])
    }))

  test('the requester cannot become a participant beside it', () =>
    session(bob, async ({ sql, refusal }) => {
      const own = await newTicket(sql, bob, { contact_id: carla })
      expect(await refusal(sql => sql`insert into ticket_participants ${sql(add(carla, { ticket_id: own }))}`)).toMatchObject({
        code: 'PT422',
        detail: 'is_requester'
      })
    }))

  test('a participant who becomes the requester is a participant no longer', () =>
    session(bob, async ({ sql }) => {
      await sql`update tickets set contact_id = ${mona} where id = ${ticket}`
      expect(await sql`select from ticket_participants where ticket_id = ${ticket}`).toEqual([])
    }))

  test('a merged contact cannot be added', () =>
    session(bob, async ({ refusal }) => {
      expect(await refusal(sql => sql`insert into ticket_participants ${sql(add(carl))}`)).toMatchObject({ code: 'PT404' })
    }))

  test('a ticket has at most 20 participants', () =>
    session(service, async ({ sql, refusal }) => {
      const contacts = await sql<{ id: string }[]>`
        insert into contacts (team_id, name) select ${acme.id}, 'Person ' || n from generate_series(1, 20) as n returning id`
      await sql`insert into ticket_participants ${sql(contacts.slice(1).map(({ id }) => add(id)))}`
      expect(await refusal(sql => sql`insert into ticket_participants ${sql(add(contacts[0]!.id))}`)).toMatchObject({
        code: 'PT422',
        detail: 'participant_limit'
      })
    }))

  test('adding and removing are events that name the contact', () =>
    session(bob, async ({ sql }) => {
      await sql`insert into ticket_participants ${sql(add(carla))}`
      await sql`delete from ticket_participants where contact_id = ${carla}`
      const person = { id: carla, name: 'Carla Client', email: 'carla@client.test' }
      expect(
        await sql`select type, actor_id, "from", "to" from ticket_events where ticket_id = ${ticket} order by id desc limit 2`
      ).toEqual([
        { type: 'ticket.participant_removed', actor_id: bob.id, from: person, to: null },
        { type: 'ticket.participant_added', actor_id: bob.id, from: null, to: person }
      ])
    }))
})
