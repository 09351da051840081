import { randomUUID } from 'node:crypto'
import type { TransactionSql } from 'postgres'
import { describe, expect, test } from 'vitest'
import { anonymous, as, database, impersonate, service, session, type Session } from '../support/as.ts'
import { acme, adam, ann, bob, dan, initech, ivan, vera } from '../support/world.ts'

interface Event {
  type: string
  actor_id: string | null
  channel: string
  from: unknown
  to: unknown
  ticket_number: number
  ticket_id: string
}

const { bobs, unassigned } = acme.tickets

/** The ticket events that `work` writes, oldest first. */
async function collectEvents({ sql, as }: Session, work: (sql: TransactionSql) => Promise<unknown>): Promise<Event[]> {
  const newest = () => as(service, sql => sql<{ id: string }[]>`select coalesce(max(id), 0)::text as id from ticket_events`)
  const [{ id: before } = { id: '0' }] = await newest()
  await sql`set constraints all deferred`
  await work(sql)
  await sql`set constraints all immediate` // runs what is deferred to the end of the transaction
  return as(
    service,
    sql => sql<Event[]>`
      select type, actor_id, channel, "from", "to", ticket_number, ticket_id from ticket_events
      where id > ${before} and ticket_id is not null order by id`
  )
}

const person = ({ id, name }: { id: string; name: string }) => ({ id, full_name: name })

describe('events of changes', () => {
  const changes: [type: string, change: Record<string, string | number | null>, from: unknown, to: unknown][] = [
    ['ticket.status_changed', { status: 'resolved' }, 'open', 'resolved'],
    ['ticket.priority_changed', { priority: 'urgent' }, 'normal', 'urgent'],
    ['ticket.severity_changed', { severity: 1 }, 3, 1],
    ['ticket.project_changed', { project_id: acme.project }, null, { id: acme.project, name: 'Website' }],
    ['ticket.assigned', { assigned_to: adam.id }, person(bob), person(adam)],
    ['ticket.assigned', { assigned_to: null }, person(bob), null],
    ['ticket.subject_changed', { subject: 'Tunnel drops' }, 'VPN drops every hour', 'Tunnel drops'],
    ['ticket.description_changed', { description: 'Something else' }, null, null],
    [
      'ticket.requester_changed',
      { requester_name: 'Rita', requester_email: 'rita@client.test' },
      { name: null, email: null },
      { name: 'Rita', email: 'rita@client.test' }
    ]
  ]
  test.each(changes)('%s is written for an update of %o', (type, change, from, to) =>
    session(ann, async session => {
      expect(await collectEvents(session, sql => sql`update tickets set ${sql(change)} where id = ${bobs}`)).toEqual([
        { type, actor_id: ann.id, channel: 'api', from, to, ticket_number: 1, ticket_id: bobs }
      ])
    })
  )

  test('an update of several columns writes one event per column', () =>
    session(ann, async session => {
      const events = await collectEvents(
        session,
        sql => sql`update tickets set status = 'waiting', priority = 'high', subject = 'Other' where id = ${bobs}`
      )
      expect(events.map(event => event.type)).toEqual(['ticket.status_changed', 'ticket.priority_changed', 'ticket.subject_changed'])
    }))

  test('an update of several tickets writes one event per ticket', () =>
    session(ann, async session => {
      const events = await collectEvents(
        session,
        sql => sql`update tickets set priority = 'high' where team_id = ${acme.id} and id in ${sql([bobs, unassigned])}`
      )
      expect(events.map(event => event.ticket_number).sort()).toEqual([1, 2])
    }))

  test('an update that changes nothing writes no event', () =>
    session(ann, async session => {
      expect(await collectEvents(session, sql => sql`update tickets set subject = subject, status = status where id = ${bobs}`)).toEqual([])
    }))

  test('a new ticket writes one event with its initial state', () =>
    session(bob, async session => {
      const [event, ...others] = await collectEvents(
        session,
        sql => sql`insert into tickets (team_id, subject, description) values (${acme.id}, 'Printer', 'x')`
      )
      expect(others).toEqual([])
      expect(event).toEqual({
        type: 'ticket.created',
        actor_id: bob.id,
        channel: 'api',
        ticket_number: event!.ticket_number,
        ticket_id: event!.ticket_id,
        from: null,
        to: {
          number: event!.ticket_number,
          subject: 'Printer',
          status: 'open',
          priority: 'normal',
          severity: 3,
          assigned_to: null,
          tags: [],
          requester: { name: null, email: null },
          path: { category: 'other', category_name: 'Other', type_id: null, type_name: null, item_id: null, item_name: null }
        }
      })
    }))

  describe('creating a ticket with an assignee and tags', () => {
    const create = async (sql: TransactionSql) => {
      const [{ id }] = await sql<[{ id: string }]>`
        insert into tickets (team_id, subject, description, assigned_to, requester_email)
        values (${acme.id}, 'Printer', 'x', ${bob.id}, 'rita@client.test') returning id`
      return id
    }
    const tag = (sql: TransactionSql, id: string, ...tags: string[]) =>
      sql`insert into ticket_tags ${sql(tags.map(tag => ({ team_id: acme.id, ticket_id: id, tag })))}`
    const initialState = { assigned_to: person(bob), requester: { name: null, email: 'rita@client.test' } }

    test('a new ticket writes one event with all of its tags, even when several statements add them', () =>
      session(ann, async session => {
        let id = ''
        const events = await collectEvents(session, async sql => {
          id = await create(sql)
          await tag(sql, id, 'fire', 'win')
          await tag(sql, id, 'mac')
          await sql`delete from ticket_tags where ticket_id = ${id} and tag = 'win'`
        })
        expect(events).toMatchObject([
          { type: 'ticket.created', actor_id: ann.id, to: { ...initialState, tags: ['fire', 'mac'] }, ticket_id: id }
        ])
        expect(
          await session.as(
            service,
            sql => sql`select ticket_id from private.ticket_births union all select ticket_id from private.ticket_tags_before`
          )
        ).toEqual([])
      }))

    test('ticket.created comes before the other events of the same transaction', () =>
      session(ann, async session => {
        let id = ''
        const events = await collectEvents(session, async sql => {
          id = await create(sql)
          await sql`insert into ticket_replies (team_id, ticket_id, content) values (${acme.id}, ${id}, 'Hello')`
          await tag(sql, id, 'fire')
          await sql`update tickets set status = 'waiting', assigned_to = ${adam.id} where id = ${id}`
        })
        expect(events.map(({ type }) => type)).toEqual(['ticket.created', 'reply.created', 'ticket.status_changed', 'ticket.assigned'])
        expect(events[0]!.to).toMatchObject({ status: 'open', ...initialState, tags: ['fire'] })
      }))

    test('a tag that is added later writes ticket.tags_changed', () =>
      session(ann, async session => {
        let id = ''
        await collectEvents(session, async sql => {
          id = await create(sql)
          await tag(sql, id, 'fire')
        })
        expect(await collectEvents(session, sql => tag(sql, id, 'win'))).toMatchObject([
          { type: 'ticket.tags_changed', from: ['fire'], to: ['fire', 'win'] }
        ])
      }))

    test('a ticket that is created and deleted in one transaction writes both events', () =>
      session(ann, async session => {
        let id = ''
        const events = await collectEvents(session, async sql => {
          id = await create(sql)
          await tag(sql, id, 'fire')
          await sql`delete from tickets where id = ${id}`
        })
        expect(events).toMatchObject([{ type: 'ticket.created', to: { ...initialState, tags: [] } }, { type: 'ticket.deleted' }])
      }))

    test('a ticket created without a caller has its creator as actor, and one in an undone savepoint has no event', () =>
      session(service, async session => {
        const [id, undone] = [randomUUID(), randomUUID()]
        const events = await collectEvents(session, async sql => {
          await sql
            .savepoint(async sql => {
              await sql`
                insert into tickets (id, team_id, subject, description, created_by)
                values (${undone}, ${acme.id}, 'Undone', 'x', ${bob.id})`
              throw new Error('undone')
            })
            .catch(() => {})
          await sql`
            insert into tickets (id, team_id, subject, description, created_by, created_at)
            values (${id}, ${acme.id}, 'Loaded', 'x', ${bob.id}, '2024-02-29T12:00:00Z')`
        })
        expect(events).toMatchObject([
          { type: 'ticket.created', actor_id: bob.id, channel: 'job', ticket_id: id, to: { subject: 'Loaded' } }
        ])
      }))

    test('a statement that creates several tickets writes one event per ticket', () =>
      session(ann, async session => {
        const events = await collectEvents(
          session,
          sql => sql`
            insert into tickets (team_id, subject, description, assigned_to)
            select ${acme.id}, 'Ticket ' || n, 'x', case when n = 2 then ${bob.id}::uuid end from generate_series(1, 3) as n`
        )
        expect(events.map(({ type, to }) => [type, (to as { assigned_to: unknown }).assigned_to])).toEqual([
          ['ticket.created', null],
          ['ticket.created', person(bob)],
          ['ticket.created', null]
        ])
      }))
  })

  test('deleting a ticket writes one event and keeps its history', () =>
    session(ann, async session => {
      const { sql } = session
      const before = await sql`select id from ticket_events where ticket_id = ${bobs} order by id`
      expect(before.length).toBeGreaterThan(3)
      expect(await collectEvents(session, sql => sql`delete from tickets where id = ${bobs}`)).toEqual([
        {
          type: 'ticket.deleted',
          actor_id: ann.id,
          channel: 'api',
          from: { number: 1, subject: 'VPN drops every hour' },
          to: null,
          ticket_number: 1,
          ticket_id: bobs
        }
      ])
      expect((await sql`select id from ticket_events where ticket_id = ${bobs} order by id`).slice(0, -1)).toEqual(before)
    }))

  test('a new reply or note writes an event without its content', () =>
    session(vera, async session => {
      for (const is_internal of [false, true]) {
        const events = await collectEvents(
          session,
          sql => sql`
            insert into ticket_replies (team_id, ticket_id, content, is_internal)
            values (${acme.id}, ${bobs}, 'Secret words', ${is_internal})`
        )
        expect(events).toEqual([
          {
            type: 'reply.created',
            actor_id: vera.id,
            channel: 'api',
            from: null,
            to: { id: expect.any(String), is_internal },
            ticket_number: 1,
            ticket_id: bobs
          }
        ])
      }
    }))

  test('deleting a reply writes its content, its author and whether it was internal', () =>
    session(adam, async session => {
      expect(await collectEvents(session, sql => sql`delete from ticket_replies where id = ${acme.replies.annsNote}`)).toEqual([
        {
          type: 'reply.deleted',
          actor_id: adam.id,
          channel: 'api',
          from: {
            id: acme.replies.annsNote,
            is_internal: true,
            author: person(ann),
            content: 'Their firewall, I think.',
            format: 'text',
            mentions: []
          },
          to: null,
          ticket_number: 1,
          ticket_id: bobs
        }
      ])
    }))

  test('a change of tags writes the old and the new list', () =>
    session(bob, async session => {
      const tags = (from: string[], to: string[]) => [
        { type: 'ticket.tags_changed', actor_id: bob.id, channel: 'api', from, to, ticket_number: 1, ticket_id: bobs }
      ]
      expect(
        await collectEvents(
          session,
          sql => sql`insert into ticket_tags (team_id, ticket_id, tag) values (${acme.id}, ${bobs}, 'win'), (${acme.id}, ${bobs}, 'mac')`
        )
      ).toEqual(tags(['vpn'], ['mac', 'vpn', 'win']))
      expect(
        await collectEvents(
          session,
          sql => sql`insert into ticket_tags (team_id, ticket_id, tag) values (${acme.id}, ${bobs}, 'win') on conflict do nothing`
        )
      ).toEqual([])
      expect(await collectEvents(session, sql => sql`delete from ticket_tags where ticket_id = ${bobs} and tag in ('vpn', 'mac')`)).toEqual(
        tags(['mac', 'vpn', 'win'], ['win'])
      )
    }))

  test('a transaction writes one event for all of its tag changes, and none when they cancel out', () =>
    session(bob, async session => {
      const add = (sql: TransactionSql, tag: string) =>
        sql`insert into ticket_tags (team_id, ticket_id, tag) values (${acme.id}, ${bobs}, ${tag})`
      const remove = (sql: TransactionSql, tag: string) => sql`delete from ticket_tags where ticket_id = ${bobs} and tag = ${tag}`
      expect(
        await collectEvents(session, async sql => {
          await remove(sql, 'vpn')
          await add(sql, 'win')
          await add(sql, 'mac')
          await remove(sql, 'win')
        })
      ).toMatchObject([{ type: 'ticket.tags_changed', actor_id: bob.id, from: ['vpn'], to: ['mac'] }])
      expect(
        await collectEvents(session, async sql => {
          await add(sql, 'win')
          await remove(sql, 'win')
        })
      ).toEqual([])
      expect(await session.as(service, sql => sql`select ticket_id from private.ticket_tags_before`)).toEqual([])
    }))

  test('tags that are removed in the transaction that deletes their ticket write no event', () =>
    session(ann, async session => {
      const events = await collectEvents(session, async sql => {
        await sql`delete from ticket_tags where ticket_id = ${bobs}`
        await sql`delete from tickets where id = ${bobs}`
      })
      expect(events.map(({ type }) => type)).toEqual(['ticket.deleted'])
    }))

  test('concurrent tag changes of two people write one event each, in the order in which they took effect', async () => {
    const [team, id] = [randomUUID(), randomUUID()]
    await database()`insert into teams (id, name, slug) values (${team}, 'At once', ${`at-once-${team.slice(0, 8)}`})`
    await database()`insert into team_members ${database()([ann, bob].map(({ id, role }) => ({ team_id: team, user_id: id, role })))}`
    await database()`insert into tickets (id, team_id, subject, description, created_by) values (${id}, ${team}, 'At once', 'x', ${ann.id})`
    const tagged = Promise.withResolvers<undefined>()
    const first = database().begin(async sql => {
      await impersonate(sql, ann)
      await sql`insert into ticket_tags (team_id, ticket_id, tag) values (${team}, ${id}, 'anns')`
      tagged.resolve(undefined)
      await sql`select pg_sleep(0.2)`
    })
    await tagged.promise
    await Promise.all([
      first,
      database().begin(async sql => {
        await impersonate(sql, bob)
        await sql`insert into ticket_tags (team_id, ticket_id, tag) values (${team}, ${id}, 'bobs')`
      })
    ])
    try {
      expect(
        await database()`
          select actor_id, "from", "to" from ticket_events where ticket_id = ${id} and type = 'ticket.tags_changed' order by id`
      ).toEqual([
        { actor_id: ann.id, from: [], to: ['anns'] },
        { actor_id: bob.id, from: ['anns'], to: ['anns', 'bobs'] }
      ])
    } finally {
      await database()`delete from teams where id = ${team}`
    }
  })

  test('a statement that tags two tickets writes one event per ticket', () =>
    session(bob, async session => {
      const events = await collectEvents(
        session,
        sql =>
          sql`insert into ticket_tags (team_id, ticket_id, tag) values (${acme.id}, ${bobs}, 'win'), (${acme.id}, ${unassigned}, 'win')`
      )
      expect(events.map(({ ticket_number, from, to }) => [ticket_number, from, to]).sort()).toEqual([
        [1, ['vpn'], ['vpn', 'win']],
        [2, [], ['win']]
      ])
    }))

  describe('events of category paths', () => {
    const path = (category: string, category_name: string) => ({
      category,
      category_name,
      type_id: null as string | null,
      type_name: null as string | null,
      item_id: null as string | null,
      item_name: null as string | null
    })
    const whole = { ...path('bug', 'Bug'), type_id: acme.type, type_name: 'Network', item_id: acme.item, item_name: 'VPN' }

    test('a new category path writes the names of the old and the new path', () =>
      session(bob, async session => {
        expect(await collectEvents(session, sql => sql`update tickets set category = 'billing' where id = ${bobs}`)).toEqual([
          {
            type: 'ticket.rerouted',
            actor_id: bob.id,
            channel: 'api',
            from: path('bug', 'Bug'),
            to: path('billing', 'Billing'),
            ticket_number: 1,
            ticket_id: bobs
          }
        ])
        await session.sql`update tickets set category = 'bug' where id = ${bobs}`
        expect(
          await collectEvents(session, sql => sql`update tickets set type_id = ${acme.type}, item_id = ${acme.item} where id = ${bobs}`)
        ).toMatchObject([{ type: 'ticket.rerouted', from: path('bug', 'Bug'), to: whole }])
      }))

    test.each([
      ['item', 'ticket_items', acme.item, { ...whole, item_id: null, item_name: null }],
      ['type', 'ticket_types', acme.type, path('bug', 'Bug')],
      ['category', 'ticket_categories', null, path('other', 'Other')]
    ])('deleting the %s of a ticket writes one event with the old names', (_, table, id, to) =>
      session(ann, async session => {
        await session.sql`update tickets set type_id = ${acme.type}, item_id = ${acme.item} where id = ${bobs}`
        const events = await collectEvents(session, () =>
          session.as(service, sql =>
            id
              ? sql`delete from ${sql(table)} where id = ${id}`
              : sql`delete from ticket_categories where team_id = ${acme.id} and key = 'bug'`
          )
        )
        expect(events.filter(event => event.ticket_id === bobs)).toMatchObject([{ type: 'ticket.rerouted', from: whole, to }])
      })
    )
  })

  test('removing an assignee from the team writes ticket.assigned with the remover as actor', () =>
    session(ann, async session => {
      expect(await collectEvents(session, sql => sql`select private.remove_member(${acme.id}, ${bob.id})`)).toMatchObject([
        { type: 'ticket.assigned', actor_id: ann.id, from: person(bob), to: null, ticket_id: bobs }
      ])
    }))

  test('making an assignee a viewer writes ticket.assigned', () =>
    session(ann, async session => {
      expect(await collectEvents(session, sql => sql`select private.change_member_role(${acme.id}, ${bob.id}, 'viewer')`)).toMatchObject([
        { type: 'ticket.assigned', actor_id: ann.id, from: person(bob), to: null, ticket_id: bobs }
      ])
    }))
})

describe('actor and channel of an event', () => {
  const rename = (sql: TransactionSql) => sql`update tickets set subject = ${randomUUID()} where id = ${bobs}`

  test('an event without a caller has no actor and the channel job', () =>
    session(service, async session => {
      expect(await collectEvents(session, rename)).toMatchObject([{ actor_id: null, channel: 'job' }])
    }))

  test('an event of service_role has no actor and the channel job', () =>
    session(service, async session => {
      await session.sql`select set_config('role', 'service_role', true)`
      expect(await collectEvents(session, rename)).toMatchObject([{ actor_id: null, channel: 'job' }])
    }))

  test.each(['ui', 'api', 'job', 'import', 'portal'])('an event has the channel %s when the server sets it', channel =>
    session(bob, async session => {
      await session.sql`select set_config('switchboard.channel', ${channel}, true)`
      expect(await collectEvents(session, rename)).toMatchObject([{ actor_id: bob.id, channel }])
    })
  )

  test('an unknown channel is refused', () =>
    session(bob, async ({ sql, refusal }) => {
      await sql`select set_config('switchboard.channel', 'telepathy', true)`
      expect((await refusal(rename)).code).toBe('23514')
    }))

  test('rows that are loaded without a caller write events with the author and time of the row', () =>
    session(service, async session => {
      const createdAt = new Date('2024-05-01T10:00:00Z')
      const id = randomUUID()
      await session.sql`
        insert into tickets
          ${session.sql({ id, team_id: acme.id, subject: 'Old', description: 'Old', created_by: ann.id, created_at: createdAt })}`
      await session.sql`
        insert into ticket_replies
          ${session.sql({ team_id: acme.id, ticket_id: id, content: 'Old', user_id: bob.id, created_at: createdAt })}`
      await session.sql`set constraints all immediate`
      expect(await session.sql`select type, actor_id, created_at from ticket_events where ticket_id = ${id} order by id`).toEqual([
        { type: 'ticket.created', actor_id: ann.id, created_at: createdAt },
        { type: 'reply.created', actor_id: bob.id, created_at: createdAt }
      ])
    }))

  test('a caller cannot write events in the name of somebody else', () =>
    session(bob, async ({ sql, refusal, as }) => {
      expect(
        (
          await refusal(
            sql => sql`insert into tickets (team_id, subject, description, created_by) values (${acme.id}, 'x', 'x', ${ann.id})`
          )
        ).code
      ).toBe('42501')
      await rename(sql)
      expect(await as(service, sql => sql`select distinct actor_id from ticket_events where created_at = now()`)).toEqual([
        { actor_id: bob.id }
      ])
    }))
})

describe('append-only events', () => {
  const writers = [
    ['an owner', ann],
    ['an anonymous caller', anonymous],
    ['the owner of the table', service]
  ] as const
  const statements = [
    'update ticket_events set actor_id = null',
    'delete from ticket_events',
    'delete from ticket_events where false',
    'truncate ticket_events',
    'truncate ticket_events restart identity cascade'
  ]
  for (const [name, caller] of writers) {
    test.each(statements)(`${name} cannot change events with: %s`, statement =>
      session(caller, async ({ refusal, as }) => {
        const count = () => as(service, sql => sql`select count(*) from ticket_events`)
        const before = await count()
        const isNoOp = statement.endsWith('where false') && caller === service
        if (!isNoOp) expect((await refusal(sql => sql.unsafe(statement))).code).toBe('42501')
        expect(await count()).toEqual(before)
      })
    )
  }

  test.each(statements)('service_role cannot change events with: %s', statement =>
    session(service, async ({ sql, refusal }) => {
      await sql`select set_config('role', 'service_role', true)`
      expect((await refusal(sql => sql.unsafe(statement))).code).toBe('42501')
    })
  )

  test('the append-only triggers also fire in sessions that replay a replication stream', async () => {
    const triggers = await as(
      service,
      sql => sql<{ name: string; enabled: string }[]>`
        select tgname as name, tgenabled as enabled from pg_trigger
        where tgrelid = 'public.ticket_events'::regclass and tgname in ('ticket_events__refuse', 'ticket_events__outlive_tickets')
        order by 1`
    )
    expect(triggers).toEqual([
      { name: 'ticket_events__outlive_tickets', enabled: 'A' },
      { name: 'ticket_events__refuse', enabled: 'A' }
    ])
  })

  test('service_role cannot insert an event', () =>
    session(service, async ({ sql, refusal }) => {
      await sql`select set_config('role', 'service_role', true)`
      expect(
        (
          await refusal(
            sql => sql`
              insert into ticket_events (team_id, ticket_id, ticket_number, type, channel)
              values (${acme.id}, ${bobs}, 1, 'ticket.deleted', 'ui')`
          )
        ).code
      ).toBe('42501')
    }))

  test('a transaction that is rolled back leaves no event', async () => {
    const subject = randomUUID()
    await expect(
      database().begin(async sql => {
        await impersonate(sql, ann)
        await sql`update tickets set subject = ${subject} where id = ${bobs}`
        expect(await sql`select id from ticket_events where "to" = ${sql.json(subject)}`).toHaveLength(1)
        throw new Error('cancelled')
      })
    ).rejects.toThrow('cancelled')
    expect(await database()`select id from ticket_events where "to" = ${database().json(subject)}`).toHaveLength(0)
  })

  test('a refused statement writes no event', () =>
    session(bob, async session => {
      expect(
        await collectEvents(session, () =>
          session.refusal(sql => sql`update tickets set priority = 'high', severity = 9 where id = ${bobs}`)
        )
      ).toEqual([])
    }))

  test('deleting a team deletes its events and none of another team', () =>
    session(service, async ({ sql, become }) => {
      const [{ count: theirs }] = await sql<[{ count: string }]>`select count(*) from ticket_events where team_id = ${initech.id}`
      expect(Number(theirs)).toBeGreaterThan(0)
      await become(ann)
      await sql`delete from teams where id = ${acme.id}`
      await become(service)
      expect(await sql`select id from ticket_events where team_id = ${acme.id}`).toHaveLength(0)
      expect(await sql`select count(*) from ticket_events where team_id = ${initech.id}`).toEqual([{ count: theirs }])
    }))
})

describe('access to ticket events', () => {
  test('people read only the events of their own team', async () => {
    const readTeams = (person: typeof bob) => as(person, sql => sql<{ team_id: string }[]>`select distinct team_id from ticket_events`)
    expect(await readTeams(bob)).toEqual([{ team_id: acme.id }])
    expect(await readTeams(dan)).toEqual([{ team_id: initech.id }])
    expect(await readTeams(ivan)).toEqual([{ team_id: initech.id }])
  })

  test('the events of a deleted ticket are visible to admins and hidden from members and viewers', () =>
    session(ann, async ({ sql, as }) => {
      await sql`delete from tickets where id = ${bobs}`
      const readEvents = (person: typeof bob) => as(person, sql => sql`select id from ticket_events where ticket_id = ${bobs}`)
      expect(await readEvents(bob)).toHaveLength(0)
      expect(await readEvents(vera)).toHaveLength(0)
      expect((await readEvents(adam)).length).toBeGreaterThan(3)
    }))

  test('a former member reads no events', () =>
    session(ann, async ({ sql, as }) => {
      await sql`select private.remove_member(${acme.id}, ${adam.id})`
      expect(await as(adam, sql => sql`select id from ticket_events`)).toHaveLength(0)
    }))
})

describe('query plans', () => {
  test('the history of a ticket and the audit log are read from an index in order', () =>
    session(service, async ({ sql }) => {
      // A small table is cheaper to scan: scans and sorts are disabled to see which index can serve the order.
      // Both indexes begin with the team: the history index is cheaper only when the team has more events than the ticket.
      await sql`
        insert into ticket_events (team_id, ticket_id, ticket_number, type, channel)
        select ${acme.id}, ${acme.tickets.anns}, 4, 'ticket.created', 'ui' from generate_series(1, 2000)`
      await sql`analyze ticket_events`
      for (const other of ['seqscan', 'bitmapscan', 'sort']) await sql.unsafe(`set local enable_${other} = off`)
      const plan = async (query: string) =>
        (await sql.unsafe<Record<string, string>[]>(`explain ${query}`)).map(row => row['QUERY PLAN']).join('\n')
      expect(
        await plan(`select * from ticket_events where team_id = '${acme.id}' and ticket_id = '${bobs}' order by id desc limit 50`)
      ).toMatch(/ticket_events_history/)
      const log = await plan(`select * from ticket_events where team_id = '${acme.id}' order by id desc limit 50`)
      expect(log).toMatch(/Index Scan Backward using ticket_events_pkey/)
      expect(log).not.toMatch(/Sort/)
    }))
})
