import { describe, expect, test } from 'vitest'
import { service, session, type Session } from '../support/as.ts'
import { newTicket, requesterOf } from '../support/contacts.ts'
import { acme, ann, bob } from '../support/world.ts'

const { carla, mona } = acme.contacts

describe('the addresses of a contact', () => {
  test('the first address is the primary one, and another one can become it: the tickets follow', () =>
    session(bob, async ({ sql }) => {
      const ticket = await newTicket(sql, bob, { contact_id: carla })
      await sql`select private.set_primary_address(${acme.id}, ${carla}, 'carl@client.test')`
      expect(await sql`select address, is_primary from contact_addresses where contact_id = ${carla} order by address`).toEqual([
        { address: 'carl@client.test', is_primary: true },
        { address: 'carla@client.test', is_primary: false }
      ])
      expect(await requesterOf(sql, ticket)).toMatchObject({ contact_id: carla, requester_email: 'carl@client.test' })
    }))

  test('the oldest address takes the place of a deleted primary one, and the last one cannot be deleted', () =>
    session(bob, async ({ sql, refusal }) => {
      await sql`delete from contact_addresses where address = 'carla@client.test' and team_id = ${acme.id}`
      expect(await sql`select address, is_primary from contact_addresses where contact_id = ${carla}`).toEqual([
        { address: 'carl@client.test', is_primary: true }
      ])
      expect(await refusal(sql => sql`delete from contact_addresses where contact_id = ${carla}`)).toMatchObject({
        code: 'PT422',
        detail: 'last_address'
      })
    }))

  test('an address belongs to one contact, is none of the team or of the product, and there are at most 20', () =>
    session(bob, async ({ sql, as, refusal }) => {
      const add = (address: string) => (sql: Session['sql']) =>
        sql`insert into contact_addresses (team_id, address, contact_id) values (${acme.id}, ${address}, ${mona})`
      expect((await refusal(add('carla@client.test'))).code).toBe('23505')
      await as(service, async sql => {
        await sql`update teams set reply_to_email = 'support@acme.example' where id = ${acme.id}`
        await sql`update private.mail_settings set sender_address = 'no-reply@switchboard.example'`
      })
      for (const address of [ann.email, 'support@acme.example', 'no-reply@switchboard.example'])
        expect(await refusal(add(address))).toMatchObject({ code: 'PT422', detail: 'own_address' })
      for (let number = 2; number <= 20; number++) await add(`mona${number}@minor.test`)(sql)
      expect(await refusal(add('mona21@minor.test'))).toMatchObject({ code: 'PT422', detail: 'address_limit' })
    }))
})
