import { describe, expect, test } from 'vitest'
import { service, session, type Session } from '../support/as.ts'
import { acme, ann, bob, dan, initech, vera } from '../support/world.ts'

const { bobs: ticket } = acme.tickets

const follow = (sql: Session['sql'], who: string, what: string = ticket, team: string = acme.id) =>
  sql`insert into ticket_followers (team_id, ticket_id, user_id) values (${team}, ${what}, ${who}) returning *`
const followAsVera = (sql: Session['sql']) => follow(sql, vera.id)

describe('followers', () => {
  test('a ticket of another team cannot be followed under the id of either team', () =>
    session(dan, async ({ refusal }) => {
      expect((await refusal(sql => follow(sql, dan.id, ticket, initech.id))).code).toBe('23503')
      expect((await refusal(sql => follow(sql, dan.id, ticket, acme.id))).code).toBe('42501')
    }))

  test('followers are deleted with their ticket and with their membership', () =>
    session(service, async ({ sql }) => {
      const readFollowers = () => sql`select user_id from ticket_followers order by user_id`
      for (const person of [ann, bob, vera]) await follow(sql, person.id)
      await sql`delete from team_members where team_id = ${acme.id} and user_id = ${bob.id}`
      expect(await readFollowers()).toEqual([{ user_id: ann.id }, { user_id: vera.id }])
      await sql`delete from tickets where id = ${ticket}`
      expect(await readFollowers()).toEqual([])
    }))

  test('a new follower is broadcast to the team by ids', () =>
    session(service, async ({ sql }) => {
      await followAsVera(sql)
      const messages = await sql<{ payload: { table: string; record: unknown } }[]>`
        select payload from realtime.messages
        where payload ->> 'table' = 'ticket_followers' and payload -> 'record' ->> 'team_id' = ${acme.id}`
      expect(messages.map(({ payload }) => payload)).toMatchObject([
        { operation: 'INSERT', record: { team_id: acme.id, ticket_id: ticket, user_id: vera.id } }
      ])
    }))
})
