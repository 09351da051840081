import { describe, expect, test } from 'vitest'
import { service, session, type Session } from '../support/as.ts'
import { acme, ann, bob, dan, initech, ivan, vera } from '../support/world.ts'

const { bobs: ticket, closed } = acme.tickets

const addBobsDraft = (sql: Session['sql']) => sql`
  insert into reply_drafts (team_id, ticket_id, user_id, content) values (${acme.id}, ${ticket}, ${bob.id}, 'What Bob would say')
  returning *`
const write = (sql: Session['sql'], by: string, content = 'Hello', into: string = ticket, team: string = acme.id) =>
  sql`insert into reply_drafts (team_id, ticket_id, user_id, content) values (${team}, ${into}, ${by}, ${content}) returning *`

describe('reply drafts', () => {
  test('a person has one draft per ticket', () =>
    session(bob, async ({ sql, refusal }) => {
      await write(sql, bob.id)
      expect((await refusal(sql => write(sql, bob.id, 'Again'))).code).toBe('23505')
      await write(sql, bob.id, 'Elsewhere', closed)
      expect(await sql`select content from reply_drafts order by content`).toEqual([{ content: 'Elsewhere' }, { content: 'Hello' }])
    }))

  test('everybody sees only their own drafts, owners included', () =>
    session(service, async ({ sql, as }) => {
      for (const person of [ann, bob, vera]) await write(sql, person.id, `By ${person.name}`)
      for (const person of [ann, bob, vera])
        expect(await as(person, sql => sql`select content from reply_drafts`)).toEqual([{ content: `By ${person.name}` }])
      expect(await as(ivan, sql => sql`select content from reply_drafts`)).toEqual([])
    }))

  test("a draft cannot belong to another team's ticket", () =>
    session(service, async ({ sql, become, refusal }) => {
      await become(dan)
      expect((await refusal(sql => write(sql, dan.id, 'x', ticket, initech.id))).code).toBe('23503')
      expect((await refusal(sql => write(sql, dan.id, 'x', ticket, acme.id))).code).toBe('42501')
      await become(service)
      await sql`insert into team_members (team_id, user_id, role) values (${initech.id}, ${ann.id}, 'owner')`
      await become(ann)
      expect((await refusal(sql => write(sql, ann.id, 'x', ticket, initech.id))).code).toBe('23503')
    }))

  test('a draft is deleted with its ticket and with the membership of its author', () =>
    session(service, async ({ sql }) => {
      const readAuthors = () => sql`select user_id from reply_drafts order by user_id`
      for (const person of [ann, bob, vera]) await write(sql, person.id)
      await sql`delete from team_members where team_id = ${acme.id} and user_id = ${bob.id}`
      expect(await readAuthors()).toEqual([{ user_id: ann.id }, { user_id: vera.id }])
      await sql`delete from tickets where id = ${ticket}`
      expect(await readAuthors()).toEqual([])
    }))

  test('every update of a draft changes its version and sets its time, even with the same content', () =>
    session(service, async ({ sql, as }) => {
      const [first] = await addBobsDraft(sql)
      await sql`alter table reply_drafts disable trigger user`
      await sql`update reply_drafts set updated_at = '2026-01-01'`
      await sql`alter table reply_drafts enable trigger user`
      const [second] = await as(bob, sql => sql`update reply_drafts set content = 'More' where user_id = ${bob.id} returning *`)
      expect(second!.version).not.toBe(first!.version)
      expect(second!.updated_at).toEqual(first!.updated_at) // both have the time of this transaction
      const [third] = await as(bob, sql => sql`update reply_drafts set content = 'More' where user_id = ${bob.id} returning *`)
      expect([first!.version, second!.version]).not.toContain(third!.version)
    }))

  test('a draft has 1 to 50,000 characters, like a reply', () =>
    session(bob, async ({ sql, refusal }) => {
      for (const content of ['', 'x'.repeat(50_001)]) expect((await refusal(sql => write(sql, bob.id, content))).code).toBe('23514')
      expect(await write(sql, bob.id, 'x'.repeat(50_000))).toHaveLength(1)
    }))

  test('a draft is neither broadcast nor published', () =>
    session(service, async ({ sql }) => {
      const messages = async () => (await sql<[{ count: string }]>`select count(*) from realtime.messages`)[0].count
      const before = await messages()
      await addBobsDraft(sql)
      await sql`update reply_drafts set content = 'More'`
      await sql`delete from reply_drafts`
      expect(await messages()).toBe(before)
      expect(await sql`select tablename from pg_publication_tables where tablename = 'reply_drafts'`).toEqual([])
    }))
})
