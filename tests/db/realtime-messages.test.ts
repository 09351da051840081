import { describe, expect, test } from 'vitest'
import { as, service, session, type Session } from '../support/as.ts'
import { acme, adam, ann, bob, dan, initech, sessionIdOf, vera, type Person } from '../support/world.ts'

const readTopic = async (sql: Session['sql'], teamId: string) =>
  (await sql<[{ topic: string }]>`select private.team_topic(id, realtime_epoch) as topic from teams where id = ${teamId}`)[0].topic

/** The messages that this transaction has sent to the topics of a team, oldest first. */
async function readMessages(session: Session, event = 'change', teamId: string = acme.id) {
  return session.as(
    service,
    sql => sql<{ topic: string; payload: Change }[]>`
    select topic, payload from realtime.messages
    where event = ${event} and private and topic like ${`team:${teamId}:%`}
      and inserted_at = now() at time zone 'utc' -- of this transaction
    order by ctid`
  )
}

interface Change {
  table: string
  operation: string
  record: Record<string, unknown>
  changed: string[] | null
}

describe('the channel of a team', () => {
  /** Whether the realtime server lets the caller join: it probes the policies in this way. */
  async function canJoin({ sql, as }: Session, caller: Person, topic: string, extension: string) {
    await as(service, sql => sql`select realtime.send('{}', 'probe', ${topic}, true)`)
    await sql`update realtime.messages set extension = ${extension} where topic = ${topic} and event = 'probe'`
    return as(caller, async sql => {
      await sql`select set_config('realtime.topic', ${topic}, true)`
      return (await sql`select 1 from realtime.messages where topic = ${topic} and event = 'probe' limit 1`).length > 0
    })
  }

  test('an owner cannot join a prefix, a wildcard or another epoch of the topic', () =>
    session(service, async session => {
      const topic = await readTopic(session.sql, acme.id)
      for (const other of [
        `team:${acme.id}`,
        `${topic}0`,
        `${topic}:x`,
        `team:${acme.id}:0`,
        'team:%',
        `realtime:${topic}`,
        topic.toUpperCase()
      ]) {
        expect(await canJoin(session, ann, other, 'broadcast'), other).toBe(false)
      }
    }))

  test('an ended session can neither join the channel nor read tickets, even with a valid token', () =>
    session(service, async session => {
      await session.sql`delete from auth.sessions where id = ${sessionIdOf(bob)!}`
      const topic = await readTopic(session.sql, acme.id)
      expect(await canJoin(session, bob, topic, 'broadcast')).toBe(false)
      expect(await canJoin(session, ann, topic, 'broadcast')).toBe(true)
      expect(await session.as(bob, sql => sql`select id from tickets`)).toHaveLength(0)
      expect((await session.as(ann, sql => sql`select id from tickets`)).length).toBeGreaterThan(0)
    }))

  const accountChanges = [
    ['a sign-out', (sql: Session['sql']) => sql`delete from auth.sessions where id = ${sessionIdOf(bob)!}`, true],
    ['a ban', (sql: Session['sql']) => sql`update auth.users set banned_until = now() + interval '1 hour' where id = ${bob.id}`, true],
    ['a soft deletion', (sql: Session['sql']) => sql`update auth.users set deleted_at = now() where id = ${bob.id}`, true],
    ['the end of a ban', (sql: Session['sql']) => sql`update auth.users set banned_until = null where id = ${bob.id}`, false],
    [
      'the removal of a session that nobody used for an hour',
      async (sql: Session['sql']) => {
        await sql`
          update auth.sessions
          set created_at = now() - interval '30 days', refreshed_at = now() at time zone 'UTC' - interval '61 minutes'
          where id = ${sessionIdOf(bob)!}`
        await sql`delete from auth.sessions where id = ${sessionIdOf(bob)!}`
      },
      false
    ],
    ['a sign-in', (sql: Session['sql']) => sql`insert into auth.sessions (id, user_id) values (gen_random_uuid(), ${bob.id})`, false]
  ] as const

  for (const [cause, change, endsAccess] of accountChanges) {
    test(`${cause} ${endsAccess ? 'replaces' : 'keeps'} the channel of the person's teams and keeps those of other teams`, () =>
      session(service, async session => {
        const [before, others] = [await readTopic(session.sql, acme.id), await readTopic(session.sql, initech.id)]
        await change(session.sql)
        expect((await readTopic(session.sql, acme.id)) !== before).toBe(endsAccess)
        expect(await readTopic(session.sql, initech.id)).toBe(others)
        expect((await readMessages(session, 'epoch')).map(({ topic }) => topic)).toEqual(endsAccess ? [before] : [])
      }))

    test(`${cause} ${endsAccess ? 'replaces' : 'keeps'} the channel of the person and keeps those of other people`, () =>
      session(service, async session => {
        const readOwnTopic = (person: Person) =>
          session.as(person, async sql => (await sql<[{ topic: string | null }]>`select private.my_topic() as topic`)[0].topic)
        const [before, annsTopic] = [await readOwnTopic(bob), await readOwnTopic(ann)]
        expect(before).toBe(`user:${bob.id}:1`)
        await change(session.sql)
        const messages = await session.sql`
          select event, payload - 'id' as payload, private from realtime.messages
          where topic = ${before} and inserted_at = now() at time zone 'utc'`
        expect(messages).toEqual(endsAccess ? [{ event: 'epoch', payload: {}, private: true }] : [])
        expect(await readOwnTopic(ann)).toBe(annsTopic)
        // After a new sign-in, the person may join the new channel only.
        await session.sql`
          insert into auth.sessions (id, user_id, created_at) values (${sessionIdOf(bob)!}, ${bob.id}, now()) on conflict do nothing`
        await session.sql`update auth.users set banned_until = null where id = ${bob.id}`
        const isGone = (await session.sql`select from profiles where id = ${bob.id} and kind = 'former'`).length > 0
        const after = await readOwnTopic(bob)
        expect(after).toBe(isGone ? null : endsAccess ? `user:${bob.id}:2` : before)
        for (const topic of [before!, ...(after ? [after] : [])])
          expect(await canJoin(session, bob, topic, 'broadcast'), topic).toBe(topic === after)
      }))
  }

  test('an ended session cannot join any channel of its person', () =>
    session(service, async session => {
      await session.sql`delete from auth.sessions where user_id = ${bob.id}`
      for (const epoch of [1, 2, 3]) expect(await canJoin(session, bob, `user:${bob.id}:${epoch}`, 'broadcast')).toBe(false)
    }))

  test('a notification after the end of a session is broadcast on the new channel of the person only', () =>
    session(service, async ({ sql }) => {
      await sql`delete from auth.sessions where id = ${sessionIdOf(bob)!}`
      await sql`
        insert into notifications (team_id, user_id, event_id, kind, ticket_id)
        values (${acme.id}, ${bob.id}, 1, 'assigned', ${acme.tickets.bobs})`
      const received = await sql`
        select topic from realtime.messages
        where event = 'change' and topic like ${`user:${bob.id}%`} and inserted_at = now() at time zone 'utc'`
      expect(received).toEqual([{ topic: `user:${bob.id}:2` }])
    }))

  test('members can send presence, strangers cannot, and nobody can send a broadcast', () =>
    session(ann, async ({ sql, refusal, become }) => {
      const topic = await readTopic(sql, acme.id)
      const send = (extension: string) => async (sql: Session['sql']) => {
        await sql`select set_config('realtime.topic', ${topic}, true)`
        return sql`
          insert into realtime.messages (topic, extension, event, payload, private) values (${topic}, ${extension}, 'change', '{}', true)`
      }
      for (const person of [ann, adam, bob, vera]) {
        await become(person)
        await sql.savepoint(send('presence'))
        expect((await refusal(send('broadcast'))).code).toBe('42501')
      }
      await become(dan)
      expect((await refusal(send('presence'))).code).toBe('42501')
      expect((await refusal(send('broadcast'))).code).toBe('42501')
    }))

  test('removing a member replaces the topic: the old one gets an empty epoch message and admits nobody', () =>
    session(adam, async session => {
      const before = await readTopic(session.sql, acme.id)
      await session.sql`select private.remove_member(${acme.id}, ${bob.id})`
      const after = await readTopic(session.sql, acme.id)
      expect(after).not.toBe(before)
      expect((await readMessages(session, 'epoch')).map(({ topic, payload }) => [topic, { ...payload, id: undefined }])).toEqual([
        [before, {}]
      ])
      for (const person of [bob, adam]) expect(await canJoin(session, person, before, 'broadcast')).toBe(false)
      expect(await canJoin(session, adam, after, 'broadcast')).toBe(true)
      expect(await canJoin(session, bob, after, 'broadcast')).toBe(false)
      await session.sql`update tickets set subject = 'A secret' where id = ${acme.tickets.bobs}`
      const contents = (
        await session.as(
          service,
          sql => sql<{ topic: string }[]>`select topic from realtime.messages where payload::text like '%A secret%'`
        )
      ).map(({ topic }) => topic)
      expect(contents).toEqual([after])
    }))

  test('lowering the role of a member replaces the topic', () =>
    session(adam, async ({ sql }) => {
      const before = await readTopic(sql, acme.id)
      await sql`select private.change_member_role(${acme.id}, ${bob.id}, 'viewer')`
      expect(await readTopic(sql, acme.id)).not.toBe(before)
    }))

  test('the removal of a member is broadcast on the old topic, where everybody still listens', () =>
    session(adam, async session => {
      const before = await readTopic(session.sql, acme.id)
      await session.sql`select private.remove_member(${acme.id}, ${bob.id})`
      const removal = (await readMessages(session)).find(({ payload }) => payload.table === 'team_members')
      expect(removal).toMatchObject({ topic: before, payload: { operation: 'DELETE', record: { user_id: bob.id } } })
    }))
})

describe('broadcasts', () => {
  test('a ticket is broadcast as its row in lists: all columns but the description and the search vector', () =>
    session(ann, async session => {
      const { sql } = session
      await sql`
        insert into tickets (team_id, subject, description, assigned_to) values (${acme.id}, 'Broadcast', ${'d'.repeat(300)}, ${bob.id})`
      const { payload } = (await readMessages(session)).at(-1)!
      expect(payload).toMatchObject({ table: 'tickets', operation: 'INSERT' })
      const columns = await session.as(
        service,
        sql =>
          sql<
            { name: string }[]
          >`select attname as name from pg_attribute where attrelid = 'public.tickets'::regclass and attnum > 0 and not attisdropped`
      )
      const expected = [
        ...columns.map(({ name }) => name).filter(name => !['description', 'search'].includes(name)),
        'excerpt',
        'category_name',
        'type_name',
        'item_name',
        'project_name',
        'created_by_name',
        'assignee',
        'assignee_name',
        'tags'
      ]
      expect(Object.keys(payload.record).sort()).toEqual(expected.sort())
      expect(payload.record).toMatchObject({
        excerpt: 'd'.repeat(280),
        assignee: { id: bob.id, full_name: bob.name, avatar_url: null },
        assignee_name: bob.name,
        tags: [],
        version: 1
      })
    }))

  test('the broadcast of an update names the columns that changed', () =>
    session(bob, async session => {
      await session.sql`update tickets set priority = 'urgent', description = 'Other' where id = ${acme.tickets.bobs}`
      const { payload } = (await readMessages(session)).at(-1)!
      expect(payload).toMatchObject({ table: 'tickets', operation: 'UPDATE', record: { priority: 'urgent' } })
      expect(payload.record).not.toHaveProperty('description')
      expect(payload.changed).toEqual(expect.arrayContaining(['priority', 'description', 'version']))
      expect(payload.changed).not.toContain('subject')
      expect(payload.changed).not.toContain('search')
    }))

  test('a statement that changes nothing is not broadcast', () =>
    session(ann, async session => {
      await session.sql`update tickets set subject = subject where id = ${acme.tickets.bobs}`
      await session.sql`update tickets set status = 'open' where id = ${acme.tickets.bobs}`
      await session.sql`delete from tickets where id = ${initech.tickets.dans}`
      await session.sql`select private.change_member_role(${acme.id}, ${bob.id}, 'member')`
      expect(await readMessages(session)).toHaveLength(0)
      expect(await readMessages(session, 'epoch')).toHaveLength(0)
    }))

  test('deleted tickets, replies and tags are broadcast with identifying columns only', () =>
    session(ann, async session => {
      await session.sql`delete from tickets where id = ${acme.tickets.bobs}`
      const records = (await readMessages(session))
        .filter(({ payload }) => payload.operation === 'DELETE')
        .map(({ payload }) => [payload.table, Object.keys(payload.record).sort()])
      expect(Object.fromEntries(records)).toEqual({
        tickets: ['id', 'team_id', 'ticket_number', 'version'],
        ticket_replies: ['id', 'team_id', 'ticket_id'],
        ticket_attachments: ['id', 'reply_id', 'team_id', 'ticket_id'],
        ticket_participants: ['team_id', 'ticket_id'],
        ticket_articles: ['team_id', 'ticket_id'],
        ticket_tags: ['id', 'tag', 'team_id', 'ticket_id']
      })
    }))

  test('a new reply is broadcast with its author, and its ticket with the new reply count', () =>
    session(vera, async session => {
      await session.sql`
        insert into ticket_replies (team_id, ticket_id, content, is_internal) values (${acme.id}, ${acme.tickets.bobs}, 'A note', true)`
      const messages = (await readMessages(session)).map(({ payload }) => payload)
      const reply = messages.find(({ table }) => table === 'ticket_replies')!
      expect(reply).toMatchObject({
        operation: 'INSERT',
        record: {
          content: 'A note',
          is_internal: true,
          author: { id: vera.id, full_name: vera.name, avatar_url: null },
          author_name: vera.name
        }
      })
      expect(Object.keys(reply.record).sort()).toEqual([
        'attachments',
        'author',
        'author_kind',
        'author_name',
        'contact_id',
        'content',
        'created_at',
        'format',
        'id',
        'is_internal',
        'mentions',
        'team_id',
        'ticket_id',
        'user_id'
      ])
      expect(messages.find(({ table }) => table === 'tickets')).toMatchObject({ operation: 'UPDATE', record: { reply_count: 4 } })
    }))

  test('a new tag is broadcast, and its ticket with all of its tags', () =>
    session(bob, async session => {
      await session.sql`insert into ticket_tags (team_id, ticket_id, tag) values (${acme.id}, ${acme.tickets.bobs}, 'new')`
      const messages = (await readMessages(session)).map(({ payload }) => payload)
      expect(messages.filter(({ table }) => table === 'tickets').at(-1)).toMatchObject({ record: { tags: ['new', 'vpn'] } })
      expect(messages.find(({ table }) => table === 'ticket_tags')).toMatchObject({ record: { tag: 'new', ticket_id: acme.tickets.bobs } })
    }))

  test('changes of canned responses, members and teams are broadcast without contents: clients refetch', () =>
    session(ann, async session => {
      await session.sql`update canned_responses set content = 'A secret' where id = ${acme.cannedResponse}`
      await session.sql`update teams set name = 'A secret' where id = ${acme.id}`
      await session.sql`select private.change_member_role(${acme.id}, ${bob.id}, 'viewer')`
      const messages = await readMessages(session)
      expect(new Set(messages.map(({ payload }) => payload.table))).toEqual(
        new Set(['canned_responses', 'teams', 'team_members', 'tickets', 'ticket_events'])
      )
      expect(JSON.stringify(messages)).not.toContain('A secret')
    }))

  test('a change is never broadcast to another team', () =>
    session(ann, async session => {
      await session.sql`update tickets set subject = 'A secret' where id = ${acme.tickets.bobs}`
      expect(await readMessages(session, 'change', initech.id)).toHaveLength(0)
    }))

  test('the broadcast of a ticket with 50,000 four-byte characters is smaller than 5,000 bytes', () =>
    session(ann, async session => {
      await session.sql`
        insert into tickets (team_id, subject, description) values (${acme.id}, ${'😀'.repeat(255)}, ${'😀'.repeat(50_000)})`
      expect(Buffer.byteLength(JSON.stringify((await readMessages(session)).at(-1)!.payload))).toBeLessThan(5_000)
    }))
})

describe('the realtime publication', () => {
  test('the publication holds tickets, replies and tags, with the unique (team_id, id) as replica identity', async () => {
    const tables = await as(
      service,
      sql => sql`
      select published.tablename as name, class.relreplident::text as identity, (
        select pg_get_indexdef(indexrelid) from pg_index where indrelid = class.oid and indisreplident
      ) as index
      from pg_publication_tables as published
      join pg_class as class on class.oid = format('%I.%I', published.schemaname, published.tablename)::regclass
      where pubname = 'supabase_realtime' order by 1`
    )
    expect(tables).toEqual(
      ['ticket_replies', 'ticket_tags', 'tickets'].map(name => ({
        name,
        identity: 'i',
        index: `CREATE UNIQUE INDEX ${name}_team_id_id_key ON public.${name} USING btree (team_id, id)`
      }))
    )
  })
})
