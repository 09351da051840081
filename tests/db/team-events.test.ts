import type { TransactionSql } from 'postgres'
import { describe, expect, test } from 'vitest'
import { as, service, session, type Session } from '../support/as.ts'
import { acme, adam, ann, bob, dan, ivan, unknownId, vera } from '../support/world.ts'

interface Event {
  type: string
  actor_id: string | null
  from: unknown
  to: unknown
}

/** The events of Acme that `work` writes, oldest first, without those of tickets. */
async function collectEvents({ sql, as }: Session, work: (sql: TransactionSql) => Promise<unknown>): Promise<Event[]> {
  const newest = () => as(service, sql => sql<{ id: string }[]>`select coalesce(max(id), 0)::text as id from ticket_events`)
  const [{ id: before } = { id: '0' }] = await newest()
  await work(sql)
  return as(
    service,
    sql => sql<Event[]>`
      select type, actor_id, "from", "to" from ticket_events where team_id = ${acme.id} and id > ${before} and ticket_id is null
      order by id`
  )
}

const person = ({ id, name }: { id: string; name: string }) => ({ id, full_name: name })
const membership = (of: { id: string; name: string; role: string }, role: string = of.role) => ({ member: person(of), role })

describe('events of the team', () => {
  test('creating a team writes one event, and none for what is created with it', () =>
    session(dan, async ({ sql, as }) => {
      const [{ id }] = await sql<[{ id: string }]>`select private.create_team('Globex') as id`
      await as(
        service,
        sql => sql`insert into canned_responses (team_id, title, content, created_by) values (${id}, 'Hello', 'Hello!', ${dan.id})`
      )
      expect(
        await as(service, sql => sql`select type, actor_id, "from", "to", ticket_id, channel from ticket_events where team_id = ${id}`)
      ).toEqual([{ type: 'team.created', actor_id: dan.id, from: null, to: { name: 'Globex' }, ticket_id: null, channel: 'api' }])
    }))

  test('an update of a team writes only the settings that changed', () =>
    session(ann, async session => {
      expect(
        await collectEvents(
          session,
          sql =>
            sql`update teams set name = 'Acme Ltd', slug = slug, time_zone = 'Europe/Prague', auto_close_days = 7 where id = ${acme.id}`
        )
      ).toEqual([
        {
          type: 'team.updated',
          actor_id: ann.id,
          from: { name: 'Acme', time_zone: 'UTC', auto_close_days: 14 },
          to: { name: 'Acme Ltd', time_zone: 'Europe/Prague', auto_close_days: 7 }
        }
      ])
      expect(await collectEvents(session, sql => sql`update teams set name = name, slug = slug where id = ${acme.id}`)).toEqual([])
    }))

  test('every setting that members can change is recorded, and the realtime epoch is not', () =>
    session(service, async session => {
      const columns = await session.sql<{ name: string }[]>`
        select column_name as name from information_schema.column_privileges
        where table_schema = 'public' and table_name = 'teams' and grantee = 'authenticated' and privilege_type = 'UPDATE'`
      const values: Record<string, string | number | boolean | string[]> = {
        name: 'Other',
        slug: 'other',
        time_zone: 'Asia/Tokyo',
        auto_close_days: 3,
        unscanned_files: 'warn',
        client_mails: ['public_reply'],
        rating_delay_minutes: 240,
        portal_color: '#b91c1c',
        client_priority: true,
        portal_shows_due: true,
        help_locales: ['de']
      }
      for (const { name } of columns) {
        expect(values, `a value for ${name}`).toHaveProperty(name)
        expect(
          await collectEvents(session, sql => sql`update teams set ${sql({ [name]: values[name]! })} where id = ${acme.id}`)
        ).toMatchObject([{ type: 'team.updated', to: { [name]: values[name] } }])
      }
      expect(await collectEvents(session, sql => sql`update teams set realtime_epoch = realtime_epoch + 1 where id = ${acme.id}`)).toEqual(
        []
      )
    }))

  test('deleting a team deletes its events and writes no new ones', () =>
    session(ann, async ({ sql, as }) => {
      await sql`delete from teams where id = ${acme.id}`
      expect(await as(service, sql => sql`select type from ticket_events where team_id = ${acme.id}`)).toHaveLength(0)
      expect(await as(service, sql => sql`select event_id from private.event_outbox where team_id = ${acme.id}`)).toHaveLength(0)
    }))
})

describe('events of members', () => {
  // API keys that are revoked with a role or a membership have events of their own.
  const selectMemberEvents = (events: Event[]) => events.filter(({ type }) => type.startsWith('member.'))
  const invitation = Buffer.alloc(32, 7)

  test('accepting an invitation writes member.added and not invitation.revoked', () =>
    session(ann, async session => {
      expect(
        await collectEvents(session, sql => sql`select private.save_invitation(${acme.id}, ${dan.email}, 'member', ${invitation})`)
      ).toEqual([{ type: 'invitation.created', actor_id: ann.id, from: null, to: { email: dan.email, role: 'member' } }])
      await session.become(dan)
      expect(await collectEvents(session, sql => sql`select private.accept_invitation(${invitation})`)).toEqual([
        { type: 'member.added', actor_id: dan.id, from: null, to: membership(dan, 'member') }
      ])
    }))

  test('renewing and revoking an invitation write one event each', () =>
    session(adam, async session => {
      const { sql } = session
      await sql`select private.save_invitation(${acme.id}, 'rita@client.test', 'member', ${invitation})`
      expect(
        await collectEvents(
          session,
          sql => sql`select private.save_invitation(${acme.id}, 'rita@client.test', 'viewer', ${Buffer.alloc(32, 8)})`
        )
      ).toEqual([
        {
          type: 'invitation.renewed',
          actor_id: adam.id,
          from: { email: 'rita@client.test', role: 'member' },
          to: { email: 'rita@client.test', role: 'viewer' }
        }
      ])
      expect(
        await collectEvents(session, sql => sql`delete from team_invitations where team_id = ${acme.id} and email = 'rita@client.test'`)
      ).toEqual([{ type: 'invitation.revoked', actor_id: adam.id, from: { email: 'rita@client.test', role: 'viewer' }, to: null }])
    }))

  test('no event contains the token of an invitation', () =>
    session(ann, async ({ sql, as }) => {
      await sql`select private.save_invitation(${acme.id}, 'rita@client.test', 'member', ${invitation})`
      await sql`select private.save_invitation(${acme.id}, 'rita@client.test', 'viewer', ${Buffer.alloc(32, 8)})`
      const events = await as(
        service,
        sql =>
          sql<
            { text: string }[]
          >`select to_jsonb(event)::text as text from ticket_events as event where team_id = ${acme.id} and type like 'invitation.%'`
      )
      expect(events.length).toBeGreaterThan(1)
      for (const { text } of events) expect(text).not.toMatch(/0707|0808|token/)
    }))

  test('a role change writes one event, and setting the same role writes none', () =>
    session(ann, async session => {
      expect(
        selectMemberEvents(await collectEvents(session, sql => sql`select private.change_member_role(${acme.id}, ${bob.id}, 'admin')`))
      ).toEqual([{ type: 'member.role_changed', actor_id: ann.id, from: membership(bob), to: membership(bob, 'admin') }])
      expect(
        selectMemberEvents(await collectEvents(session, sql => sql`select private.change_member_role(${acme.id}, ${bob.id}, 'admin')`))
      ).toEqual([])
    }))

  test('removing a member and leaving the team both write member.removed', () =>
    session(ann, async session => {
      expect(selectMemberEvents(await collectEvents(session, sql => sql`select private.remove_member(${acme.id}, ${bob.id})`))).toEqual([
        { type: 'member.removed', actor_id: ann.id, from: membership(bob), to: null }
      ])
      await session.become(vera)
      expect(await collectEvents(session, sql => sql`select private.remove_member(${acme.id}, ${vera.id})`)).toEqual([
        { type: 'member.removed', actor_id: vera.id, from: membership(vera), to: null }
      ])
    }))

  test("deleting a member's account writes member.removed with the name and without an actor", () =>
    session(service, async session => {
      const { sql } = session
      await sql`insert into auth.users (id, email) values (${unknownId}, 'gone@acme.test')`
      await sql`insert into team_members (team_id, user_id, role) values (${acme.id}, ${unknownId}, 'viewer')`
      expect(await collectEvents(session, sql => sql`delete from auth.users where id = ${unknownId}`)).toEqual([
        { type: 'member.removed', actor_id: null, from: { member: { id: unknownId, full_name: 'gone' }, role: 'viewer' }, to: null }
      ])
    }))

  test('a refused change of a member writes no event', () =>
    session(bob, async session => {
      expect(
        await collectEvents(session, () => session.refusal(sql => sql`select private.change_member_role(${acme.id}, ${vera.id}, 'owner')`))
      ).toEqual([])
      await session.become(ann)
      expect(await collectEvents(session, () => session.refusal(sql => sql`select private.remove_member(${acme.id}, ${ann.id})`))).toEqual(
        []
      )
    }))
})

describe('events of categories, types and items', () => {
  const bug = { kind: 'category', path: ['Bug'], portal_name: 'Technical issue' }
  const network = { kind: 'type', path: ['Bug', 'Network'] }
  const vpn = { kind: 'item', path: ['Bug', 'Network', 'VPN'] }

  test('adding a category, type or item writes the names of its path', () =>
    session(adam, async session => {
      expect(
        await collectEvents(session, async sql => {
          await sql`insert into ticket_categories (team_id, key, name, position) values (${acme.id}, 'orders', 'Orders', 7)`
          await sql`insert into ticket_types (team_id, category, name) values (${acme.id}, 'bug', 'Printing')`
          await sql`insert into ticket_items (team_id, type_id, name) values (${acme.id}, ${acme.type}, 'DNS')`
        })
      ).toEqual([
        { type: 'routing.created', actor_id: adam.id, from: null, to: { kind: 'category', path: ['Orders'], portal_name: null } },
        { type: 'routing.created', actor_id: adam.id, from: null, to: { kind: 'type', path: ['Bug', 'Printing'] } },
        { type: 'routing.created', actor_id: adam.id, from: null, to: { kind: 'item', path: ['Bug', 'Network', 'DNS'] } }
      ])
    }))

  test('renaming writes the old and the new path, and the portal name of a category', () =>
    session(ann, async session => {
      expect(
        await collectEvents(session, async sql => {
          await sql`update ticket_items set name = 'Tunnel' where id = ${acme.item}`
          await sql`update ticket_types set name = 'Net' where id = ${acme.type}`
          await sql`update ticket_categories set name = 'Defect', portal_name = null where id = ${acme.category}`
        })
      ).toEqual([
        { type: 'routing.updated', actor_id: ann.id, from: vpn, to: { kind: 'item', path: ['Bug', 'Network', 'Tunnel'] } },
        { type: 'routing.updated', actor_id: ann.id, from: network, to: { kind: 'type', path: ['Bug', 'Net'] } },
        { type: 'routing.updated', actor_id: ann.id, from: bug, to: { kind: 'category', path: ['Defect'], portal_name: null } }
      ])
    }))

  test('changing the position of a category, type or item writes no event', () =>
    session(ann, async session => {
      expect(
        await collectEvents(session, async sql => {
          await sql`update ticket_categories set position = 9 where id = ${acme.category}`
          await sql`update ticket_types set position = 9 where id = ${acme.type}`
          await sql`update ticket_items set position = 9 where id = ${acme.item}`
        })
      ).toEqual([])
    }))

  test.each([
    ['an item', 'ticket_items', acme.item, vpn],
    ['a type with its items', 'ticket_types', acme.type, { ...network, items: 1 }],
    ['a category with its types and items', 'ticket_categories', acme.category, { ...bug, types: 1, items: 1 }]
  ])('deleting %s writes one event', (_, table, id, from) =>
    session(ann, async session => {
      expect(await collectEvents(session, sql => sql`delete from ${sql(table)} where id = ${id}`)).toEqual([
        { type: 'routing.deleted', actor_id: ann.id, from, to: null }
      ])
    })
  )

  test('a refused deletion of a category writes no event', () =>
    session(ann, async session => {
      expect(
        await collectEvents(session, () =>
          session.refusal(sql => sql`delete from ticket_categories where team_id = ${acme.id} and key = 'other'`)
        )
      ).toEqual([])
    }))
})

describe('events of canned responses', () => {
  test('events of a canned response carry its title, the fields that changed and, on deletion, its content', () =>
    session(ann, async session => {
      const id = acme.cannedResponse
      expect(
        await collectEvents(session, async sql => {
          await sql`insert into canned_responses (team_id, title, content, category) values (${acme.id}, 'Bye', 'Good bye.', 'General')`
          await sql`update canned_responses set title = 'Thank you' where id = ${id}`
          await sql`update canned_responses set content = 'Thanks!', category = 'General' where id = ${id}`
          await sql`update canned_responses set content = content where id = ${id}`
          await sql`delete from canned_responses where id = ${id}`
        })
      ).toEqual([
        { type: 'canned_response.created', actor_id: ann.id, from: null, to: { title: 'Bye' } },
        { type: 'canned_response.updated', actor_id: ann.id, from: { title: 'Thanks' }, to: { title: 'Thank you' } },
        {
          type: 'canned_response.updated',
          actor_id: ann.id,
          from: { title: 'Thank you', category: null, content: 'Thank you for writing in.' },
          to: { title: 'Thank you', category: 'General', content: 'Thanks!' }
        },
        {
          type: 'canned_response.deleted',
          actor_id: ann.id,
          from: { title: 'Thank you', category: 'General', content: 'Thanks!' },
          to: null
        }
      ])
    }))
})

describe('events of saved views', () => {
  const filters = { assigned_to: 'none' }

  test('sharing, changing, unsharing and deleting a shared view write events', () =>
    session(adam, async session => {
      const id = acme.views.shared
      expect(
        await collectEvents(session, async sql => {
          await sql`update saved_views set name = 'Free' where id = ${id}`
          await sql`update saved_views set filters = ${sql.json({ assigned_to: 'none', status: 'open' })} where id = ${id}`
          await sql`update saved_views set position = 3 where id = ${id}`
          await sql`update saved_views set is_shared = false, name = 'Mine' where id = ${id} and user_id = ${adam.id}`
          await sql`update saved_views set is_shared = true, filters = ${sql.json(filters)} where id = ${id}`
          await sql`delete from saved_views where id = ${id}`
        })
      ).toEqual([
        { type: 'view.updated', actor_id: adam.id, from: { name: "Nobody's" }, to: { name: 'Free' } },
        {
          type: 'view.updated',
          actor_id: adam.id,
          from: { name: 'Free', filters },
          to: { name: 'Free', filters: { assigned_to: 'none', status: 'open' } }
        },
        { type: 'view.unshared', actor_id: adam.id, from: { name: 'Free', filters: { assigned_to: 'none', status: 'open' } }, to: null },
        { type: 'view.shared', actor_id: adam.id, from: null, to: { name: 'Mine', filters } },
        { type: 'view.unshared', actor_id: adam.id, from: { name: 'Mine', filters }, to: null }
      ])
    }))

  test('private views write no events', () =>
    session(bob, async session => {
      expect(
        await collectEvents(session, async sql => {
          await sql`insert into saved_views (team_id, name) values (${acme.id}, 'Secret')`
          await sql`update saved_views set name = 'Secret too' where id = ${acme.views.bobs}`
          await sql`delete from saved_views where id = ${acme.views.bobs}`
        })
      ).toEqual([])
    }))

  test('the shared views of a member who leaves write no events', () =>
    session(ann, async session => {
      expect(
        (await collectEvents(session, sql => sql`select private.remove_member(${acme.id}, ${adam.id})`)).map(({ type }) => type)
      ).toEqual(['member.removed'])
    }))
})

describe('access to team events', () => {
  test('only owners and admins of the team read its events', () =>
    session(ann, async ({ sql, as }) => {
      await sql`select private.change_member_role(${acme.id}, ${bob.id}, 'viewer')`
      const readEvents = (person: typeof bob) => as(person, sql => sql`select id from ticket_events where type = 'member.role_changed'`)
      expect(await readEvents(ann)).toHaveLength(1)
      expect(await readEvents(adam)).toHaveLength(1)
      for (const other of [bob, vera, ivan, dan]) expect(await readEvents(other), other.name).toHaveLength(0)
    }))

  test('a team event is broadcast to the team with the team id only', () =>
    session(ann, async ({ sql, as }) => {
      const readBroadcasts = () =>
        as(
          service,
          sql =>
            sql<
              { payload: unknown }[]
            >`select payload -> 'record' as payload from realtime.messages where event = 'change' and payload ->> 'table' = 'ticket_events'`
        )
      await as(service, sql => sql`delete from realtime.messages`) // those that other tests have committed
      await sql`update tickets set priority = 'high' where id = ${acme.tickets.bobs}`
      expect(await readBroadcasts()).toEqual([]) // the change of the ticket itself is broadcast
      await sql`select private.save_invitation(${acme.id}, 'rita@client.test', 'member', ${Buffer.alloc(32, 7)})`
      expect(await readBroadcasts()).toEqual([{ payload: { team_id: acme.id } }])
    }))

  test('the list of team events is read from the index ticket_events_of_team', () =>
    session(service, async ({ sql }) => {
      for (const other of ['seqscan', 'bitmapscan', 'sort']) await sql.unsafe(`set local enable_${other} = off`)
      const plan = await sql.unsafe<Record<string, string>[]>(`
        explain select * from ticket_events where team_id = '${acme.id}' and ticket_id is null and type = 'team.updated'
        order by id desc limit 50`)
      expect(plan.map(row => row['QUERY PLAN']).join('\n')).toMatch(/Index Scan using ticket_events_of_team/)
    }))
})

test.each([
  ['an owner', ann],
  ['a member', bob]
])('%s cannot call the function that writes team events', async (_, caller) => {
  await expect(as(caller, sql => sql`select private.record_team_event(${acme.id}, 'team.updated', null, null)`)).rejects.toMatchObject({
    code: '42501'
  })
})
