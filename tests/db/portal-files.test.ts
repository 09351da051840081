import { randomUUID } from 'node:crypto'
import type { TransactionSql } from 'postgres'
import { describe, expect, test } from 'vitest'
import { service, session, type Session } from '../support/as.ts'
import { acme, bob, carla, ticketSession } from '../support/world.ts'

const contact = acme.contacts.carla
const ticket = acme.tickets.bobs
const sha256 = 'a'.repeat(64)

const own = ({ as }: Session) => as(service, sql => sql`update tickets set contact_id = ${contact} where id = ${ticket}`)
const receive = async (sql: TransactionSql, { number = 1 as number | null, name = 'a.txt', state = 'clean' } = {}) => {
  const [row] = await sql<{ id: string }[]>`
    select private.create_client_upload(${acme.id}, ${number}, ${name}, 5, ${sha256}, 'text/plain', 'receiving') as id`
  await sql`select private.finish_client_upload(${acme.id}, ${row!.id}, ${state}, ${state === 'infected' ? 'Win.Test' : null})`
  return row!.id
}
const reply = async (sql: TransactionSql, text = 'See the file') =>
  (await sql<{ id: string }[]>`select portal.reply(${acme.id}, 1, ${text}) as id`)[0]!.id
const attach = async (sql: TransactionSql, replyId: string | null, ids: string[], { number = 1, unscanned = 'warn' } = {}) => {
  const [row] = await sql<{ repeated: string[] }[]>`
    select private.attach_client_uploads(${acme.id}, ${number}, ${replyId}, ${ids}::uuid[], ${unscanned}) as repeated`
  return row!.repeated
}

describe('files of a client', () => {
  test('belong to their reply, and agents and events name the client', () =>
    session(carla, async session => {
      await own(session)
      const ids = [await receive(session.sql, { name: 'z.txt' }), await receive(session.sql)]
      const replyId = await reply(session.sql)
      expect(await attach(session.sql, replyId, ids)).toEqual([])
      expect(
        await session.as(
          bob,
          sql => sql`select id, position, uploaded_by from private.attachment_rows where reply_id = ${replyId} order by position`
        )
      ).toMatchObject([
        { id: ids[0], position: 1, uploaded_by: { full_name: 'Carla Client' } },
        { id: ids[1], position: 2, uploaded_by: { full_name: 'Carla Client' } }
      ])
      expect(
        await session.as(
          service,
          sql => sql`select contact_id, channel, "to" ->> 'name' as name from ticket_events where type = 'attachment.added' and ticket_id = ${ticket}
            and "to" ->> 'reply_id' = ${replyId} order by id`
        )
      ).toEqual([
        { contact_id: contact, channel: 'portal', name: 'z.txt' },
        { contact_id: contact, channel: 'portal', name: 'a.txt' }
      ])
      expect(await session.as(service, sql => sql`select from uploads where contact_id = ${contact}`)).toHaveLength(0)
      expect(await session.sql`select files -> 0 ->> 'name' as name from portal.conversation(${acme.id}, 1) where id = ${replyId}`).toEqual(
        [{ name: 'z.txt' }]
      )
    }))

  test('are kept once when the form is sent twice', () =>
    session(carla, async session => {
      await own(session)
      const replyId = await reply(session.sql)
      expect(await attach(session.sql, replyId, [await receive(session.sql)])).toEqual([])
      const again = await receive(session.sql)
      expect(await attach(session.sql, await reply(session.sql), [again])).toEqual([again])
    }))

  test('that are infected or not scanned are refused, and an infected one is an event of the team that names the client', () =>
    session(carla, async session => {
      await own(session)
      const replyId = await reply(session.sql)
      const infected = await receive(session.sql, { state: 'infected' })
      expect(await session.refusal(sql => attach(sql, replyId, [infected]))).toMatchObject({ detail: 'upload_infected' })
      const unscanned = await receive(session.sql, { state: 'unscanned' })
      expect(await session.refusal(sql => attach(sql, replyId, [unscanned], { unscanned: 'block' }))).toMatchObject({
        detail: 'upload_unscanned'
      })
      expect(await attach(session.sql, replyId, [unscanned])).toEqual([])
      expect(
        await session.as(
          service,
          sql => sql`select contact_id, "to" from ticket_events where type = 'attachment.infected' and team_id = ${acme.id}`
        )
      ).toMatchObject([{ contact_id: contact, to: { name: 'a.txt', uploaded_by: { full_name: 'Carla Client' } } }])
    }))

  test('are at most ten in a message', () =>
    session(carla, async session => {
      await own(session)
      const ids: string[] = []
      for (let index = 0; index < 11; index++) ids.push(await receive(session.sql, { name: `${index}.txt` }))
      const replyId = await reply(session.sql)
      expect(await session.refusal(sql => attach(sql, replyId, ids))).toMatchObject({ code: 'PT422', detail: 'too_many_attachments' })
      expect(await attach(session.sql, replyId, ids.slice(1))).toEqual([])
    }))

  test('are at most 100 in an hour', () =>
    session(carla, async session => {
      await own(session)
      for (let index = 0; index < 100; index++) await receive(session.sql)
      expect(await session.refusal(sql => receive(sql))).toMatchObject({ code: 'PT429' })
    }))

  test('go to no message of an agent, to no ticket of others, and are no files of agents', () =>
    session(carla, async session => {
      await own(session)
      const id = await receive(session.sql)
      expect(await session.refusal(sql => attach(sql, acme.replies.bobs, [id]))).toMatchObject({ code: 'PT404' })
      expect(await session.refusal(sql => attach(sql, null, [id], { number: 2 }))).toMatchObject({ code: 'PT404' })
      expect(await session.refusal(sql => receive(sql, { number: 2 }))).toMatchObject({ code: 'PT404' })
      const replyId = await reply(session.sql)
      expect(await session.refusal(sql => attach(sql, replyId, [acme.upload]))).toMatchObject({ code: 'PT404' })
      expect(await session.refusal(sql => attach(sql, replyId, [randomUUID()]))).toMatchObject({ code: 'PT404' })
      expect(await session.as(bob, sql => sql`select from uploads where id = ${id}`)).toHaveLength(0)
    }))

  test('of a ticket session go to its ticket only, and to a follow-up that it has just written', () =>
    session(service, async ({ sql, become, refusal }) => {
      await sql`update tickets set contact_id = ${contact} where id in (${ticket}, ${acme.tickets.closed})`
      await sql`
        insert into private.ticket_sessions (token_hash, team_id, ticket_id, contact_id)
        values (${ticketSession}, ${acme.id}, ${acme.tickets.closed}, ${contact})`
      await become({ ticketSession })
      expect(await refusal(sql => receive(sql, { number: null }))).toMatchObject({ code: 'PT404' })
      expect(await refusal(sql => receive(sql, { number: 1 }))).toMatchObject({ code: 'PT404' })
      const id = await receive(sql, { number: 3 })
      expect(await refusal(sql => attach(sql, null, [id], { number: 1 }))).toMatchObject({ code: 'PT404' })
      const [next] = await sql<{ number: number }[]>`select portal.follow_up(${acme.id}, 3, 'Again') as number`
      expect(await attach(sql, null, [id], { number: next!.number })).toEqual([])
    }))
})
