import { randomUUID } from 'node:crypto'
import type { TransactionSql } from 'postgres'
import { describe, expect, test } from 'vitest'
import { attachment } from '#shared/schemas/answers/attachment'
import { database, impersonate, service, session, type Session } from '../support/as.ts'
import { acme, adam, ann, bob, initech, vera } from '../support/world.ts'

const { bobs: ticket, closed } = acme.tickets
const facts = { name: 'a.txt', size: 5, sha256: 'a'.repeat(64), content_type: 'text/plain' }

/** Inserts a finished upload of somebody, and returns its id. */
async function addUpload(sql: TransactionSql, by: { id: string }, fields: Record<string, string | number | null> = {}): Promise<string> {
  const id = randomUUID()
  await sql`insert into public.uploads ${sql({ ...facts, id, team_id: acme.id, uploaded_by: by.id, state: 'clean', ...fields })}`
  return id
}
const attach = (sql: TransactionSql, ids: string[], { into = ticket as string, reply = null as string | null, usual = 'block' } = {}) =>
  sql`select private.attach_uploads(${acme.id}, ${into}, ${reply}, ${ids}::uuid[], ${usual})`
const uploadOf = ({ as }: Session, by: { id: string }, fields = {}) => as(service, sql => addUpload(sql, by, fields))
const newest = (sql: TransactionSql) => sql<{ id: string; type: string; from: unknown; to: unknown }[]>`
  select type, actor_id, ticket_id, "from", "to" from ticket_events order by id desc limit 1`

describe('attachments', () => {
  test('uploads become attachments of the same id in the given order, and are uploads no more', () =>
    session(bob, async session => {
      const ids = [await uploadOf(session, bob, { name: 'z.txt' }), await uploadOf(session, bob, { name: 'a.txt' })]
      await attach(session.sql, ids, { into: acme.tickets.unassigned })
      expect(
        await session.sql`select id, name, position, uploaded_by, reply_id, state from ticket_attachments
          where ticket_id = ${acme.tickets.unassigned} order by position`
      ).toEqual([
        { id: ids[0], name: 'z.txt', position: 1, uploaded_by: bob.id, reply_id: null, state: 'clean' },
        { id: ids[1], name: 'a.txt', position: 2, uploaded_by: bob.id, reply_id: null, state: 'clean' }
      ])
      expect(await session.sql`select id from uploads where id = any (${ids})`).toEqual([])
    }))

  test('a foreign upload, one of another member, a used, an infected and an unfinished one are refused', () =>
    session(bob, async session => {
      const { sql, refusal } = session
      const used = await uploadOf(session, bob)
      await attach(sql, [used])
      for (const [id, expected] of [
        [randomUUID(), { code: 'PT400', detail: 'upload_ids' }],
        [initech.upload, { code: 'PT400', detail: 'upload_ids' }],
        [initech.attachment, { code: 'PT400', detail: 'upload_ids' }],
        [await uploadOf(session, ann), { code: 'PT400', detail: 'upload_ids' }],
        [await uploadOf(session, bob, { api_key_id: acme.apiKey }), { code: 'PT400', detail: 'upload_ids' }],
        [used, { code: 'PT409', detail: 'upload_used' }],
        [await uploadOf(session, bob, { state: 'infected', signature: 'Test' }), { code: 'PT422', detail: 'upload_infected' }],
        [await uploadOf(session, bob, { state: 'receiving' }), { code: 'PT409', detail: 'upload_unfinished' }],
        [await uploadOf(session, bob, { state: 'scanning' }), { code: 'PT409', detail: 'upload_unfinished' }],
        [await uploadOf(session, bob, { state: 'unscanned' }), { code: 'PT409', detail: 'upload_unscanned' }]
      ] as const)
        expect(await refusal(sql => attach(sql, [id])), id).toMatchObject(expected)
    }))

  test('the setting of the team decides about unscanned files, and without one the setting of the server', () =>
    session(bob, async session => {
      const { sql, as, refusal } = session
      const unscanned = () => uploadOf(session, bob, { state: 'unscanned' })
      await attach(sql, [await unscanned()], { usual: 'warn' })
      await as(service, sql => sql`update teams set unscanned_files = 'warn' where id = ${acme.id}`)
      await attach(sql, [await unscanned()], { usual: 'block' })
      await as(service, sql => sql`update teams set unscanned_files = 'block' where id = ${acme.id}`)
      const id = await unscanned()
      expect(await refusal(sql => attach(sql, [id], { usual: 'warn' }))).toMatchObject({ detail: 'upload_unscanned' })
    }))

  test('a reply has at most 10 files, and a ticket at most 100 of its own', () =>
    session(bob, async session => {
      const { sql, refusal, as } = session
      const ids: string[] = []
      for (let count = 0; count < 11; count++) ids.push(await uploadOf(session, bob))
      const reply = acme.replies.bobs
      expect(await refusal(sql => attach(sql, ids, { reply }))).toMatchObject({ code: 'PT422', detail: 'too_many_attachments' })
      await attach(sql, ids.slice(0, 10), { reply })
      await as(
        service,
        sql => sql`
        insert into ticket_attachments (id, team_id, ticket_id, uploaded_by, name, size, sha256, content_type, state, position)
        select gen_random_uuid(), ${acme.id}, ${ticket}, ${bob.id}, 'a', 1, ${facts.sha256}, 'text/plain', 'clean', n
        from generate_series(2, 100) as n`
      )
      expect(await refusal(sql => attach(sql, [ids[10]!]))).toMatchObject({ code: 'PT422', detail: 'too_many_attachments' })
      await sql`select private.remove_attachment(${acme.id}, ${acme.attachment})`
      await attach(sql, [ids[10]!])
    }))

  test('only the author adds files to a reply, and only managers to a closed ticket', () =>
    session(vera, async session => {
      const id = await uploadOf(session, vera)
      expect(await session.refusal(sql => attach(sql, [id], { reply: acme.replies.bobs }))).toMatchObject({ code: 'PT403' })
      expect(await session.refusal(sql => attach(sql, [id], { into: closed }))).toMatchObject({ code: 'PT403' })
      const reply = initech.replies.dans
      expect(await session.refusal(sql => attach(sql, [id], { reply }))).toMatchObject({ code: 'PT404' })
      await attach(session.sql, [id], { reply: acme.replies.veras })
    }))

  test('adding and removing a file are events of its ticket; a file of a note is marked as internal', () =>
    session(ann, async session => {
      const id = await uploadOf(session, ann)
      await attach(session.sql, [id], { reply: acme.replies.annsNote })
      const file = {
        id,
        name: 'a.txt',
        size: 5,
        content_type: 'text/plain',
        reply_id: acme.replies.annsNote,
        is_internal: true
      }
      expect(await session.as(service, newest)).toEqual([
        { type: 'attachment.added', actor_id: ann.id, ticket_id: ticket, from: null, to: file }
      ])
      await session.sql`select private.remove_attachment(${acme.id}, ${id})`
      expect(await session.as(service, newest)).toEqual([
        { type: 'attachment.removed', actor_id: ann.id, ticket_id: ticket, from: file, to: null }
      ])
    }))

  test('a removed file stays as a row that says who removed it, and is removed once', () =>
    session(adam, async ({ sql, refusal }) => {
      await sql`select private.remove_attachment(${acme.id}, ${acme.attachment})`
      const [row] = await sql`select removed_at is not null as is_removed, removed_by, name from private.attachment_rows
        where id = ${acme.attachment}`
      expect(row).toEqual({ is_removed: true, removed_by: { id: adam.id, full_name: adam.name }, name: 'hello.txt' })
      expect(await refusal(sql => sql`select private.remove_attachment(${acme.id}, ${acme.attachment})`)).toMatchObject({ code: 'PT404' })
    }))

  test('files are broadcast to the team as answers show them', () =>
    session(bob, async session => {
      const id = await uploadOf(session, bob)
      await session.as(service, sql => sql`delete from realtime.messages`)
      await attach(session.sql, [id], { reply: acme.replies.bobs })
      const [message] = await session.as(
        service,
        sql => sql<[{ payload: { table: string; record: Record<string, unknown> } }]>`
          select payload from realtime.messages where payload ->> 'table' = 'ticket_attachments'`
      )
      expect(message.payload).toMatchObject({
        table: 'ticket_attachments',
        operation: 'INSERT',
        record: { id, reply_id: acme.replies.bobs, uploaded_by: { id: bob.id, full_name: bob.name }, removed_at: null }
      })
      expect(message.payload.record).not.toHaveProperty('position')
    }))

  test('the view attachment_rows has the columns of the answer schema and the position', () =>
    session(service, async ({ sql }) => {
      const columns = await sql<{ name: string }[]>`
        select attname as name from pg_attribute where attrelid = 'private.attachment_rows'::regclass and attnum > 0`
      expect(columns.map(({ name }) => name).sort()).toEqual([...Object.keys(attachment.shape), 'position'].sort())
    }))

  test('files are deleted with their reply and their ticket, without events of their own', () =>
    session(ann, async session => {
      const id = await uploadOf(session, ann)
      await attach(session.sql, [id], { reply: acme.replies.annsNote })
      await session.sql`delete from ticket_replies where id = ${acme.replies.annsNote}`
      expect(await session.sql`select id from ticket_attachments where id = ${id}`).toEqual([])
      await session.sql`delete from tickets where id = ${ticket}`
      expect(await session.sql`select id from ticket_attachments`).toEqual([])
      expect(await session.as(service, sql => sql`select id from ticket_events where type = 'attachment.removed'`)).toEqual([])
    }))

  test('a file that a later scan finds infected is an event of the team', () =>
    session(service, async ({ sql }) => {
      await sql`update ticket_attachments set state = 'infected', signature = 'Test' where id = ${acme.attachment}`
      expect(await newest(sql)).toMatchObject([
        { type: 'attachment.infected', actor_id: null, ticket_id: null, to: { name: 'hello.txt', signature: 'Test', ticket_number: 1 } }
      ])
    }))

  test('two requests that send the same upload attach it once', async () => {
    // Committed rows, because two transactions are needed; they are deleted again.
    const id = await commit(sql => addUpload(sql, bob))
    try {
      const outcomes = await Promise.allSettled([1, 2].map(() => commit(sql => attach(sql, [id]), bob)))
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    } finally {
      await commit(sql => sql`delete from ticket_attachments where id = ${id}`)
    }
  })
})

async function commit<T>(work: (sql: TransactionSql) => Promise<T>, by?: { id: string; email: string }): Promise<T> {
  return (await database().begin(async sql => {
    if (by) await impersonate(sql, by)
    return work(sql)
  })) as T
}
