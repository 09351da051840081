import { describe, expect, test } from 'vitest'
import { session } from '../support/as.ts'
import { acme, adam } from '../support/world.ts'

describe('organizations', () => {
  test('the contacts of a deleted organization stay, and its domains go', () =>
    session(adam, async ({ sql }) => {
      await sql`delete from organizations where id = ${acme.organization}`
      expect(await sql`select organization_id from contacts where id = ${acme.contacts.carla}`).toEqual([{ organization_id: null }])
      expect(await sql`select from organization_domains where team_id = ${acme.id}`).toHaveLength(0)
    }))

  test('a change of an organization is in the audit log with the changed fields, and a deletion with its name', () =>
    session(adam, async ({ sql }) => {
      const [{ last }] = await sql<[{ last: string }]>`select coalesce(max(id), 0) as last from ticket_events where team_id = ${acme.id}`
      await sql`update organizations set tier = 'Gold', shares_tickets = true where id = ${acme.organization}`
      await sql`update organizations set tier = tier where id = ${acme.organization}`
      await sql`delete from organizations where id = ${acme.organization}`
      expect(
        await sql`
          select type, "from", "to" from ticket_events
          where team_id = ${acme.id} and id > ${last} and type like 'organization.%' order by id`
      ).toEqual([
        {
          type: 'organization.updated',
          from: { name: 'Client Corp', tier: null, shares_tickets: false },
          to: { name: 'Client Corp', tier: 'Gold', shares_tickets: true }
        },
        { type: 'organization.deleted', from: { name: 'Client Corp' }, to: null }
      ])
    }))
})
