import { describe, expect, test } from 'vitest'
import { service, session } from '../support/as.ts'
import { acme, bob, vera } from '../support/world.ts'

const { bobs: ticket, unassigned } = acme.tickets

describe('read marks', () => {
  test('each member has one of a ticket, sees only their own, and it can be moved in either direction', () =>
    session(bob, async ({ sql, become }) => {
      const mark = (at: string) => sql`
        insert into ticket_reads (team_id, ticket_id, read_at) values (${acme.id}, ${ticket}, ${at})
        on conflict (team_id, ticket_id, user_id) do update set read_at = excluded.read_at`
      await mark('2026-02-01')
      await mark('2026-01-01')
      await become(vera)
      expect(await sql`select read_at from ticket_reads`).toHaveLength(0)
      await mark('2026-03-01')
      await become(bob)
      expect(await sql`select user_id, read_at from ticket_reads`).toEqual([{ user_id: bob.id, read_at: new Date('2026-01-01') }])
    }))

  test('they go with the ticket and with the member', () =>
    session(service, async ({ sql }) => {
      for (const { id } of [bob, vera])
        for (const ticketId of [ticket, unassigned])
          await sql`insert into ticket_reads (team_id, ticket_id, user_id) values (${acme.id}, ${ticketId}, ${id})`
      await sql`delete from tickets where id = ${ticket}`
      await sql`delete from team_members where user_id = ${bob.id} and team_id = ${acme.id}`
      expect(await sql`select ticket_id, user_id from ticket_reads`).toEqual([{ ticket_id: unassigned, user_id: vera.id }])
    }))
})
