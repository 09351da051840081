import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { closePool, configureDatabase } from '#server/db/pool'
import { continueCleanups } from '#server/jobs/cleanups'
import { database, databaseUrl, impersonate, service, session, type Session } from '../support/as.ts'
import { acme, adam, ann, bob, initech, ivan, vera } from '../support/world.ts'

const ticketCount = 450 // two steps of 200 and a rest

/** Adds tickets of Bob in Bug › Network › VPN to Acme, through the channel import so that nobody is notified. */
async function addTickets(sql: Session['sql']): Promise<void> {
  await sql`select set_config('switchboard.channel', 'import', true)`
  await sql`
    insert into tickets (team_id, subject, description, category, type_id, item_id, assigned_to, created_by)
    select ${acme.id}, 'One of many', 'x', 'bug', ${acme.type}, ${acme.item}, ${bob.id}, ${ann.id} from generate_series(1, ${ticketCount})`
  await sql`set constraints all immediate`
  await sql`set constraints all deferred`
  await sql`select set_config('switchboard.channel', 'ui', true)` // as a route does
  await sql`delete from private.event_outbox`
}

/** Continues the only cleanup until it is done; returns the number of steps. */
async function finishCleanup({ as }: Session): Promise<number> {
  const [cleanup] = await as(service, sql => sql<{ id: string }[]>`select id from private.cleanups`)
  for (let steps = 1; ; steps++) {
    const [{ more }] = await as(service, sql => sql<[{ more: boolean }]>`select private.continue_cleanup(${cleanup!.id}) as more`)
    if (!more) return steps
  }
}

const countRows = ({ as }: Session, of: (sql: Session['sql']) => Promise<readonly { count: number }[]>) =>
  as(service, async sql => (await of(sql))[0]!.count)
const countOfBob = (session: Session) =>
  countRows(
    session,
    sql => sql<{ count: number }[]>`select count(*)::int from tickets where team_id = ${acme.id} and assigned_to = ${bob.id}`
  )

test('members cannot read, add or run cleanups', () =>
  session(ann, async ({ refusal, become }) => {
    for (const person of [ann, ivan]) {
      await become(person)
      for (const statement of [
        'select * from private.cleanups',
        `insert into private.cleanups (team_id, kind, subject_id, channel) values ('${acme.id}', 'team', '${acme.id}', 'ui')`,
        'select private.continue_cleanup(1)',
        `select private.release_tickets('${acme.id}', '${bob.id}')`,
        `select private.remove_team_rows('${acme.id}')`
      ]) {
        expect((await refusal(sql => sql.unsafe(statement))).code, statement).toBe('42501')
      }
    }
  }))

describe('a member with many tickets', () => {
  test.each([
    ['is removed', (sql: Session['sql']) => sql`select private.remove_member(${acme.id}, ${bob.id})`],
    ['becomes a viewer', (sql: Session['sql']) => sql`select private.change_member_role(${acme.id}, ${bob.id}, 'viewer')`]
  ])(
    'a member %s at once, and their tickets are unassigned in steps by the same actor',
    (_, remove) =>
      session(service, async current => {
        await addTickets(current.sql)
        const before = await countOfBob(current)
        await current.as(adam, remove)
        expect(before - (await countOfBob(current)), 'one statement unassigns 200 tickets').toBe(200)
        expect(await finishCleanup(current)).toBe(2)
        expect(await countOfBob(current)).toBe(0)
        expect(
          await current.as(
            service,
            sql => sql`
      select actor_id, channel, count(*)::int, count(outbox.event_id)::int as in_outbox from ticket_events as event
      left join private.event_outbox as outbox on outbox.event_id = event.id
      where event.team_id = ${acme.id} and type = 'ticket.assigned' and "from" ->> 'id' = ${bob.id} and "to" is null group by 1, 2`
          )
        ).toEqual([{ actor_id: adam.id, channel: 'ui', count: before, in_outbox: before }])
        expect(await current.as(service, sql => sql`select from private.cleanups`)).toHaveLength(0)
      }),
    60_000
  )

  test(
    'a member who leaves has no access while their tickets are still being unassigned',
    () =>
      session(service, async current => {
        await addTickets(current.sql)
        await current.as(bob, sql => sql`select private.remove_member(${acme.id}, ${bob.id})`)
        expect(await current.as(bob, sql => sql`select id from tickets`)).toHaveLength(0)
        expect(
          await current.refusal(sql => sql`update tickets set assigned_to = ${bob.id} where id = ${acme.tickets.unassigned}`)
        ).toMatchObject({ code: 'PT400' })
        await finishCleanup(current)
        expect(
          await current.as(
            service,
            sql => sql`select distinct actor_id from ticket_events where type = 'ticket.assigned' and "from" ->> 'id' = ${bob.id}`
          )
        ).toEqual([{ actor_id: bob.id }])
      }),
    60_000
  )

  test(
    'a member who comes back during the cleanup keeps the tickets that are left',
    () =>
      session(service, async current => {
        await addTickets(current.sql)
        await current.as(adam, sql => sql`select private.remove_member(${acme.id}, ${bob.id})`)
        const left = await countOfBob(current)
        await current.sql`insert into team_members (team_id, user_id, role) values (${acme.id}, ${bob.id}, 'member')`
        expect(await finishCleanup(current)).toBe(1)
        expect(await countOfBob(current)).toBe(left)
      }),
    60_000
  )
})

describe('deleting a category, type or item with many tickets', () => {
  test.each([
    ['category', acme.category, { category: 'other', type_id: null, item_id: null }],
    ['type', acme.type, { category: 'bug', type_id: null, item_id: null }],
    ['item', acme.item, { category: 'bug', type_id: acme.type, item_id: null }]
  ] as const)(
    'a %s is deleted after its tickets were moved out of it in steps',
    (kind, id, categoryPath) =>
      session(service, async current => {
        await addTickets(current.sql)
        const table = current.sql(`ticket_${kind === 'category' ? 'categories' : `${kind}s`}`)
        const isThere = async () => (await current.as(adam, sql => sql`select from ${table} where id = ${id}`)).length === 1
        expect(await current.as(adam, sql => sql`select private.delete_routing(${acme.id}, ${kind}, ${id}) as gone`)).toEqual([
          { gone: false }
        ])
        expect(
          await current.as(adam, sql => sql`select private.delete_routing(${acme.id}, ${kind}, ${id}) as gone`),
          'a second request'
        ).toMatchObject([{}])
        expect(await isThere()).toBe(true)
        const countRerouted = () =>
          countRows(
            current,
            sql =>
              sql<
                { count: number }[]
              >`select count(*)::int from ticket_events where team_id = ${acme.id} and type = 'ticket.rerouted' and actor_id = ${adam.id}`
          )
        expect(await countRerouted(), 'each request makes one step').toBe(400)
        await finishCleanup(current)
        expect(await isThere()).toBe(false)
        expect(
          await current.as(
            service,
            sql => sql`select distinct category, type_id, item_id from tickets where team_id = ${acme.id} and subject = 'One of many'`
          )
        ).toEqual([categoryPath])
        expect(await countRerouted()).toBeGreaterThanOrEqual(ticketCount)
        expect(
          await current.as(
            service,
            sql =>
              sql`
                select actor_id from ticket_events where team_id = ${acme.id} and type = 'routing.deleted' and "from" ->> 'kind' = ${kind}`
          )
        ).toEqual([{ actor_id: adam.id }])
      }),
    60_000
  )

  test('an item with few tickets is deleted at once, and only by managers', () =>
    session(adam, async ({ sql, refusal, become }) => {
      expect(await sql`select private.delete_routing(${acme.id}, 'item', ${acme.item}) as gone`).toEqual([{ gone: true }])
      expect(await refusal(sql => sql`select private.delete_routing(${acme.id}, 'item', ${acme.item})`)).toMatchObject({ code: 'PT404' })
      for (const person of [bob, vera, ivan]) {
        await become(person)
        expect(await refusal(sql => sql`select private.delete_routing(${acme.id}, 'category', ${acme.category})`)).toMatchObject({
          code: 'PT403'
        })
      }
    }))
})

describe('deleting a team with many tickets', () => {
  const tablesWithRows = ({ as }: Session, id: string) =>
    as(service, async sql => {
      const tables = await sql<{ name: string }[]>`
      select attrelid::regclass::text as name from pg_attribute join pg_class on pg_class.oid = attrelid
      where attname = 'team_id' and not attisdropped and relkind = 'r'
      and relnamespace in ('public'::regnamespace, 'private'::regnamespace)`
      const left: string[] = []
      for (const { name } of tables) if ((await sql`select from ${sql(name)} where team_id = ${id}`).length > 0) left.push(name)
      return left
    })

  test(
    'a deleted team is invisible at once, writes no events for its rows, and its rows are removed in steps',
    () =>
      session(service, async current => {
        const { sql, as } = current
        await addTickets(sql)
        await as(ann, sql => sql`select private.delete_team(${acme.id})`)
        for (const person of [ann, adam, bob, vera])
          expect(
            await as(person, sql => sql`select id from teams union all select id from tickets union all select team_id from ticket_events`),
            person.name
          ).toHaveLength(0)
        expect(
          await as(
            service,
            sql =>
              sql`select from ticket_events where team_id = ${acme.id} and type in ('member.removed', 'team.updated', 'webhook.deleted')`
          )
        ).toHaveLength(0)
        expect(await tablesWithRows(current, acme.id)).not.toEqual(expect.arrayContaining(['team_members']))
        for (const table of ['private.event_outbox', 'webhooks', 'api_keys', 'team_invitations', 'private.rating_tokens'])
          expect(await sql`select from ${sql(table)} where team_id = ${acme.id}`, table).toHaveLength(0)
        expect(await as(ivan, sql => sql`select private.create_team('Acme', 'acme')`), 'its slug is free').toHaveLength(1)
        const theirs = await tablesWithRows(current, initech.id)
        expect(await finishCleanup(current)).toBeGreaterThan(3)
        expect(await sql`select from teams where id = ${acme.id}`).toHaveLength(0)
        await sql`set constraints all immediate`
        // The count of mails to a mailbox outlives the team that sent them.
        expect((await tablesWithRows(current, acme.id)).filter(name => name !== 'private.stranger_mails')).toEqual([])
        expect(await tablesWithRows(current, initech.id)).toEqual(theirs)
      }),
    60_000
  )

  test('a team with few tickets is deleted at once, and only by owners', () =>
    session(adam, async ({ sql, refusal, become, as }) => {
      for (const person of [adam, bob, vera, ivan]) {
        await become(person)
        expect(await refusal(sql => sql`select private.delete_team(${acme.id})`)).toMatchObject({ code: 'PT403' })
      }
      await become(ann)
      await sql`select private.delete_team(${acme.id})`
      expect(await as(service, sql => sql`select from teams where id = ${acme.id}`)).toHaveLength(0)
    }))

  test('the events of a team that is not deleted cannot be removed', () =>
    session(service, async ({ refusal }) => {
      expect(await refusal(sql => sql`delete from ticket_events where team_id = ${acme.id}`)).toMatchObject({ code: '42501' })
    }))
})

describe('the cleanup job', () => {
  // A team of its own, because these tests commit.
  const [team, rosa, remy] = [
    randomUUID(),
    { id: randomUUID(), email: `rosa-${randomUUID()}@large.test` },
    { id: randomUUID(), email: `remy-${randomUUID()}@large.test` }
  ]

  beforeAll(async () => {
    configureDatabase(databaseUrl(), 2)
    await database().begin(async sql => {
      await sql`select set_config('switchboard.channel', 'import', true)`
      await sql`insert into auth.users ${sql([rosa, remy])}`
      await sql`insert into teams (id, name, slug) values (${team}, 'Large', ${`large-${team.slice(0, 8)}`})`
      await sql`insert into team_members (team_id, user_id, role) values (${team}, ${rosa.id}, 'owner'), (${team}, ${remy.id}, 'member')`
      await sql`
        insert into tickets (team_id, subject, description, assigned_to, created_by)
        select ${team}, 'x', 'x', ${remy.id}, ${rosa.id} from generate_series(1, ${ticketCount})`
    })
  })
  afterAll(async () => {
    await database()`delete from teams where id = ${team}`
    await database()`delete from auth.users where id in (${rosa.id}, ${remy.id})`
    await closePool()
  })

  const left = async () =>
    (await database()<[{ count: number }]>`select count(*)::int from tickets where team_id = ${team} and assigned_to is not null`)[0].count
  const remove = () =>
    database().begin(async sql => {
      await impersonate(sql, rosa)
      await sql`select private.remove_member(${team}, ${remy.id})`
    })

  test('removing a member waits for a concurrent assignment, so that no ticket stays assigned', async () => {
    const assigning = database().begin(async sql => {
      await sql`
        insert into tickets (team_id, subject, description, assigned_to, created_by) values (${team}, 'Last', 'x', ${remy.id}, ${rosa.id})`
      await sql`select pg_sleep(0.5)`
    })
    await new Promise(resolve => setTimeout(resolve, 200))
    await remove()
    await assigning
    await continueCleanups(new AbortController().signal)
    expect(await left()).toBe(0)
    expect(await database()`select from private.cleanups where team_id = ${team}`).toHaveLength(0)
  })

  test('an aborted cleanup is continued by the next run', async () => {
    await database()`insert into team_members (team_id, user_id, role) values (${team}, ${remy.id}, 'member')`
    await database()`update tickets set assigned_to = ${remy.id} where team_id = ${team}`
    await remove()
    await continueCleanups(AbortSignal.abort())
    expect(await left()).toBe(ticketCount + 1 - 200)
    await continueCleanups(new AbortController().signal)
    expect(await left()).toBe(0)
  })
})
