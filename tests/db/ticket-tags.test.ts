import { describe, expect, test } from 'vitest'
import { service, session } from '../support/as.ts'
import { acme, ann, bob, initech } from '../support/world.ts'

const { bobs: ticket } = acme.tickets

describe('ticket tags', () => {
  test('a ticket has each tag only once', () =>
    session(bob, async ({ refusal }) => {
      expect(
        (await refusal(sql => sql`insert into ticket_tags (team_id, ticket_id, tag) values (${acme.id}, ${ticket}, 'vpn')`)).code
      ).toBe('23505')
    }))

  test("a tag cannot belong to another team's ticket", () =>
    session(service, async ({ sql, become, refusal }) => {
      await sql`insert into team_members (team_id, user_id, role) values (${initech.id}, ${ann.id}, 'owner')`
      await become(ann)
      for (const [team, other] of [
        [acme.id, initech.tickets.dans],
        [initech.id, ticket]
      ]) {
        expect(
          (await refusal(sql => sql`insert into ticket_tags (team_id, ticket_id, tag) values (${team!}, ${other!}, 'mine')`)).code
        ).toBe('23503')
      }
    }))

  test('a statement that adds or removes several tags makes one version of the ticket', () =>
    session(bob, async ({ sql }) => {
      const read = async () => (await sql<[{ version: number }]>`select version from tickets where id = ${ticket}`)[0].version
      const before = await read()
      await sql`insert into ticket_tags (team_id, ticket_id, tag) values (${acme.id}, ${ticket}, 'a'), (${acme.id}, ${ticket}, 'b')`
      expect(await read()).toBe(before + 1)
      await sql`delete from ticket_tags where ticket_id = ${ticket}`
      expect(await read()).toBe(before + 2)
    }))
})
