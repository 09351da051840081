import { describe, expect, test } from 'vitest'
import { service, session, type Session } from '../support/as.ts'
import { acme, adam, ann, bob, dan, ivan, unknownId, vera } from '../support/world.ts'

type Sql = Session['sql']

const { bobs: ticket } = acme.tickets
const token = ({ id }: { id: string }) => `<@${id}>`

async function write(sql: Sql, content: string, isInternal = true): Promise<string> {
  const [reply] = await sql<[{ id: string }]>`
    insert into ticket_replies (team_id, ticket_id, content, is_internal) values (${acme.id}, ${ticket}, ${content}, ${isInternal})
    returning id`
  return reply.id
}

async function readMentions(sql: Sql, reply: string): Promise<string[]> {
  const rows = await sql<{ user_id: string }[]>`select user_id from ticket_mentions where reply_id = ${reply} order by user_id`
  return rows.map(({ user_id }) => user_id)
}

describe('mentions', () => {
  test('the mentions of a reply are the members that its tokens name, each once', () =>
    session(bob, async ({ sql }) => {
      const reply = await write(sql, `${token(vera)} and ${token(ann)}: see ${token(vera)}'s note (${token(adam)}).`)
      expect(await sql`select * from ticket_mentions where reply_id = ${reply} order by user_id`).toEqual(
        [ann, adam, vera].map(({ id }) => ({
          team_id: acme.id,
          ticket_id: ticket,
          reply_id: reply,
          user_id: id,
          created_at: expect.any(Date) as Date
        }))
      )
    }))

  test('a public reply that mentions its own author creates a mention too', () =>
    session(bob, async ({ sql }) => {
      expect(await readMentions(sql, await write(sql, token(bob), false))).toEqual([bob.id])
    }))

  test.each([
    ['members of another team', token(dan)],
    ['unknown ids', token({ id: unknownId })],
    ['names', '@Ann Arbor'],
    [
      'broken tokens',
      `<@${ann.id} > <@ ${ann.id}> <${ann.id}> @${ann.id} <@${ann.id.slice(1)}> <@{${ann.id}}> <@${ann.id.replaceAll('-', '')}>`
    ],
    ['tokens in capitals', token({ id: 'ABCDEFAB-0000-4000-8000-00000000000A' })],
    ['@everyone, a thousand times', '@everyone '.repeat(1000)],
    ['@__proto__ and markup', '@__proto__ <@__proto__> @<img src=x onerror=alert(1)> <@<img>>']
  ])('no mentions are created from %s', (_, content) =>
    session(bob, async ({ sql }) => {
      expect(await readMentions(sql, await write(sql, content))).toEqual([])
    })
  )

  test('a former member can no longer be mentioned, and earlier mentions keep the name', () =>
    session(service, async ({ sql, become }) => {
      await become(ann)
      const before = await write(sql, token(bob))
      await become(service)
      await sql`delete from team_members where user_id = ${bob.id}`
      await become(ann)
      expect(await readMentions(sql, await write(sql, token(bob)))).toEqual([])
      expect(await readMentions(sql, before)).toEqual([bob.id])
      expect(await sql`select full_name from profiles where id = ${bob.id}`).toEqual([{ full_name: bob.name }])
    }))

  test('a reply has at most 50 mentions, the first ones of its text', () =>
    session(service, async ({ sql, become }) => {
      const crowd = Array.from({ length: 60 }, (_, number) => ({ id: `dddddddd-0000-4000-8000-${String(60 - number).padStart(12, '0')}` }))
      await sql`insert into auth.users ${sql(crowd.map(({ id }) => ({ id, email: `${id}@acme.test` })))}`
      await sql`insert into team_members ${sql(crowd.map(({ id }) => ({ team_id: acme.id, user_id: id, role: 'viewer' })))}`
      await become(bob)
      const reply = await write(sql, [token(dan), token(crowd[0]!), ...crowd.map(token)].join(''))
      expect(await readMentions(sql, reply)).toEqual(
        crowd
          .slice(0, 50)
          .map(({ id }) => id)
          .sort()
      )
    }))

  test('mentions are deleted with their reply and with their ticket', () =>
    session(ann, async ({ sql }) => {
      const [first, second] = [await write(sql, token(bob)), await write(sql, token(bob))]
      await sql`delete from ticket_replies where id = ${first}`
      expect(await readMentions(sql, first)).toEqual([])
      expect(await readMentions(sql, second)).toEqual([bob.id])
      await sql`delete from tickets where id = ${ticket}`
      expect(await readMentions(sql, second)).toEqual([])
    }))

  test('the broadcast of a reply carries its mentions with names', () =>
    session(bob, async ({ sql, as }) => {
      const reply = await write(sql, `${token(vera)} ${token(adam)} ${token(dan)}`)
      const [message] = await as(
        service,
        sql => sql<[{ mentions: unknown }]>`
      select payload -> 'record' -> 'mentions' as mentions from realtime.messages where payload -> 'record' ->> 'id' = ${reply}`
      )
      expect(message.mentions).toEqual([
        { id: adam.id, full_name: adam.name },
        { id: vera.id, full_name: vera.name }
      ])
    }))

  test('the event of a deleted reply names its mentions, without strangers', () =>
    session(bob, async ({ sql, as }) => {
      const reply = await write(sql, `${token(vera)} ${token(dan)}`)
      await sql`delete from ticket_replies where id = ${reply}`
      const [event] = await as(
        service,
        sql =>
          sql<
            [{ mentions: unknown }]
          >`select "from" -> 'mentions' as mentions from ticket_events where type = 'reply.deleted' and "from" ->> 'id' = ${reply}`
      )
      expect(event.mentions).toEqual([{ id: vera.id, full_name: vera.name }])
    }))

  test('another team cannot read mentions', () =>
    session(bob, async ({ sql, become }) => {
      const reply = await write(sql, token(vera))
      await become(ivan)
      expect(await readMentions(sql, reply)).toEqual([])
    }))

  test('a mention adds no parts of ids to the words that search finds', () =>
    session(bob, async ({ sql }) => {
      const reply = await write(sql, `Ask ${token(vera)} about invoices`)
      const found = async (words: string) =>
        (await sql<{ id: string }[]>`select private.found_replies(${acme.id}, private.search_term(${words}, ':*')) as id`).map(
          ({ id }) => id
        )
      expect(await found('invoices')).toContain(reply)
      for (const piece of vera.id.split('-')) expect(await found(piece), piece).not.toContain(reply)
    }))

  test('finding the mentions in 50,000 characters takes less than 5 s', () =>
    session(bob, async ({ sql }) => {
      for (const content of [
        '<@'.repeat(25_000),
        `<@${'a'.repeat(49_998)}`,
        token({ id: unknownId }).repeat(1282),
        `<@${'0-'.repeat(24_999)}`
      ]) {
        const started = performance.now()
        await write(sql, content.slice(0, 50_000))
        expect(performance.now() - started).toBeLessThan(5_000)
      }
    }))
})
