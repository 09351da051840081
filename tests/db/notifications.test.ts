import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { TransactionSql } from 'postgres'
import { asService } from '#server/db/identity'
import { closePool, configureDatabase } from '#server/db/pool'
import type { OutboxEvent } from '#server/domain/event'
import { notify } from '#server/domain/notification/notify'
import { listRecipients } from '#server/domain/notification/recipients'
import { removeNotificationsJob } from '#server/jobs/remove-notifications'
import { wakeSnoozedTickets } from '#server/jobs/wake-snoozed-tickets'
import { database, databaseUrl, impersonate, service, session, type Session } from '../support/as.ts'
import { describeRights } from '../support/matrix.ts'
import { acme, adam, addTeam, ann, bob, dan, initech, ivan, people, vera, type Person } from '../support/world.ts'

const { bobs: ticket, unassigned } = acme.tickets

/** Bob has been told of his ticket. */
const bobsNotification = (sql: Session['sql']) => sql`
  insert into notifications (team_id, user_id, event_id, kind, ticket_id, actor_id)
  select team_id, ${bob.id}, id, 'assigned', ticket_id, ${ann.id} from ticket_events where ticket_id = ${ticket} and type = 'ticket.created' returning id`

describeRights('public.notifications', [
  {
    does: "reads Bob's notifications",
    by: ['a member'],
    given: bobsNotification,
    run: sql => sql`select * from notifications where user_id = ${bob.id}`
  },
  {
    does: "finds Bob's among all",
    by: ['a member'],
    given: bobsNotification,
    run: sql => sql`select count(*) from notifications having count(*) > 0`
  },
  {
    does: "marks Bob's as read",
    by: ['a member'],
    given: bobsNotification,
    run: sql => sql`update notifications set read_at = now() where user_id = ${bob.id} returning id`
  },
  ...Object.entries({
    user_id: vera.id,
    team_id: initech.id,
    ticket_id: unassigned,
    kind: 'resolved',
    event_id: 1,
    created_at: '2020-01-01',
    actor_id: vera.id
  }).map(([column, value]) => ({
    does: `writes ${column} of a notification`,
    by: [],
    given: bobsNotification,
    run: (sql: Session['sql']) => sql`update notifications set ${sql({ [column]: value })} where user_id = ${bob.id} returning id`
  })),
  {
    does: 'tells somebody something',
    by: [],
    given: bobsNotification,
    run: (sql, { id }) =>
      sql`insert into notifications (team_id, user_id, event_id, kind, ticket_id) values (${acme.id}, ${id}, 1, 'assigned', ${ticket}) returning id`
  },
  {
    does: 'deletes notifications',
    by: [],
    given: bobsNotification,
    run: sql => sql`delete from notifications where user_id = ${bob.id} returning id`
  },
  {
    does: 'reads what Adam was told of a webhook',
    by: ['an admin'],
    given: sql => sql`insert into notifications (team_id, user_id, event_id, kind) values (${acme.id}, ${adam.id}, 1, 'webhook')`,
    run: sql => sql`select * from notifications where kind = 'webhook'`
  }
])

describe('a notification', () => {
  test('was read when the database says so, and first', () =>
    session(service, async ({ sql, as }) => {
      await bobsNotification(sql)
      const read = (at: string | null) =>
        as(bob, sql => sql<{ read_at: Date | null }[]>`update notifications set read_at = ${at} returning read_at`)
      const [first] = await read('2020-01-01')
      expect(first!.read_at).toEqual((await sql`select now() as now`)[0]!.now)
      expect((await read('2030-01-01'))[0]).toEqual(first)
      expect((await read(null))[0]).toEqual({ read_at: null })
    }))

  test('of webhooks is for those who manage them, as long as they do', () =>
    session(service, async ({ sql, as }) => {
      await sql`insert into notifications (team_id, user_id, event_id, kind) values (${acme.id}, ${adam.id}, 1, 'webhook')`
      const seen = () => as(adam, sql => sql`select kind from notifications`)
      expect(await seen()).toHaveLength(1)
      await sql`update team_members set role = 'member' where team_id = ${acme.id} and user_id = ${adam.id}`
      expect(await seen()).toHaveLength(0)
    }))

  test("goes with its reply, its ticket and its reader's membership", () =>
    session(service, async ({ sql }) => {
      const count = async () =>
        (await sql<[{ count: number }]>`select count(*)::int as count from notifications where created_at = now()`)[0].count
      await bobsNotification(sql)
      await sql`insert into notifications (team_id, user_id, event_id, kind, ticket_id, reply_id) values ${sql([ann, bob, vera].map(({ id }, n) => [acme.id, id, n + 1, 'replied', ticket, acme.replies.veras]))}`
      await sql`delete from ticket_replies where id = ${acme.replies.veras}`
      expect(await count()).toBe(1)
      await sql`insert into notifications (team_id, user_id, event_id, kind, ticket_id) values ${sql([ann, vera].map(({ id }, n) => [acme.id, id, n + 1, 'resolved', ticket]))}`
      await sql`delete from team_members where team_id = ${acme.id} and user_id = ${bob.id}`
      expect(await count()).toBe(2)
      await sql`delete from tickets where id = ${ticket}`
      expect(await count()).toBe(0)
    }))

  test("is told on its reader's own channel, by ids: one message for a statement and person", () =>
    session(service, async ({ sql }) => {
      await sql`insert into notifications (team_id, user_id, event_id, kind, ticket_id) values ${sql(
        [
          [ann, 1],
          [ann, 2],
          [ann, 3],
          [bob, 1]
        ].map(([person, event]) => [acme.id, (person as Person).id, event as number, 'resolved', ticket])
      )}`
      const sent = async (operation: string) =>
        await sql<{ topic: string; payload: { record: Record<string, unknown> } }[]>`
      select topic, payload from realtime.messages where private and payload ->> 'table' = 'notifications' and payload ->> 'operation' = ${operation} and payload -> 'record' ->> 'team_id' = ${acme.id} and inserted_at = localtimestamp order by topic`
      const inserted = await sent('INSERT')
      expect(inserted.map(({ topic }) => topic)).toEqual([`user:${ann.id}:1`, `user:${bob.id}:1`])
      expect(inserted.map(({ payload }) => Object.keys(payload.record).sort())).toEqual([
        ['id', 'team_id'],
        ['id', 'team_id']
      ])
      await sql`update notifications set read_at = now() where user_id = ${bob.id}`
      expect((await sent('UPDATE')).map(({ topic }) => topic)).toEqual([`user:${bob.id}:1`])
      await sql`delete from tickets where id = ${ticket}`
      expect((await sent('DELETE')).map(({ topic }) => topic)).toEqual([`user:${ann.id}:1`, `user:${bob.id}:1`])
      await sql`insert into notifications (team_id, user_id, event_id, kind, ticket_id) values (${acme.id}, ${bob.id}, 1, 'resolved', ${unassigned})`
      await sql`delete from team_members where team_id = ${acme.id} and user_id = ${bob.id}`
      expect(await sent('DELETE')).toHaveLength(2) // who is out of the team could not ask
    }))
})

describe('who is told', () => {
  const teams: string[] = []

  beforeAll(() => {
    configureDatabase(databaseUrl(), 4)
  })
  afterEach(async () => {
    if (teams.length > 0) await database()`delete from public.teams where id in ${database()(teams.splice(0))}`
  })
  afterAll(closePool)

  /** A team of Ann's, Adam's, Bob's and Vera's; what happens in it is told by `told`. */
  async function newTeam() {
    const id = randomUUID()
    teams.push(id)
    await database().begin(async sql => {
      await addTeam(sql, id, [ann, adam, bob, vera])
    })
    let last = '0'

    async function by<T>(person: Person | typeof service, work: (sql: TransactionSql) => Promise<T>): Promise<T> {
      return (await database().begin(async sql => {
        await impersonate(sql, person)
        return await work(sql)
      })) as T
    }

    /** What happened since the last call, as the outbox has it. */
    async function events(): Promise<OutboxEvent[]> {
      const rows = await database()<OutboxEvent[]>`
        select id::text, team_id, ticket_id, ticket_number, type, actor_id, channel, "from", "to", created_at::text from public.ticket_events as event where team_id = ${id} and id > ${last} order by event.id`
      last = rows.at(-1)?.id ?? last
      return rows
    }

    const snooze = (person: Person, ticketId: string, time = 'a moment') =>
      by(
        person,
        sql => sql`
      update public.tickets set snoozed_until = clock_timestamp() + ${time === 'a moment' ? '20 milliseconds' : time}::interval where id = ${ticketId}`
      )

    /** Waits for the time to come that a ticket is put away until. */
    const due = (ticketId: string) =>
      vi.waitFor(
        async () => {
          expect(await database()`select snoozed_until <= now() as is_due from public.tickets where id = ${ticketId}`).toEqual([
            { is_due: true }
          ])
        },
        { interval: 5 }
      )

    return {
      id,
      by,
      events,
      ticket: async (
        values: { created_by?: string; assigned_to?: string | null; status?: string } = {},
        person: Person | typeof service = service
      ) => {
        const [created] = await by(
          person,
          sql =>
            sql<
              [{ id: string }]
            >`insert into public.tickets ${sql({ team_id: id, subject: 'Subject', description: 'x', created_by: ann.id, ...values })} returning id`
        )
        return created.id
      },
      change: (person: Person | typeof service, ticketId: string, values: Record<string, string | null>) =>
        by(person, sql => sql`update public.tickets set ${sql(values)} where id = ${ticketId}`),
      reply: async (person: Person, ticketId: string, content = 'Hello', isInternal = false) => {
        const [created] = await by(
          person,
          sql =>
            sql<
              [{ id: string }]
            >`insert into public.ticket_replies ${sql({ team_id: id, ticket_id: ticketId, user_id: person.id, content, is_internal: isInternal })} returning id`
        )
        return created.id
      },
      snooze,
      due,
      /** The job wakes it when its time has come. */
      wake: async (ticketId: string) => {
        await due(ticketId)
        await wakeSnoozedTickets(new AbortController().signal)
      },
      follow: (person: Person, ticketId: string) =>
        by(person, sql => sql`insert into public.ticket_followers (team_id, ticket_id, user_id) values (${id}, ${ticketId}, ${person.id})`),
      prefer: (person: Person, kind: string, ways: { in_app?: boolean; mail?: boolean }) =>
        by(person, sql => sql`insert into public.notification_preferences ${sql({ team_id: id, user_id: person.id, kind, ...ways })}`),
      remove: (person: Person) => by(service, sql => sql`delete from public.team_members where team_id = ${id} and user_id = ${person.id}`),
      /** "Bob: assigned, Vera: replied" of what happened since the last call. */
      told: async () => {
        const happened = await events()
        const recipients = await asService('a test', db => listRecipients(db, happened))
        return recipients
          .map(
            ({ user_id, kind, in_app, mail }) => `${nameOf(user_id)}: ${kind}${in_app && mail ? '' : in_app ? ' in the app' : ' by mail'}`
          )
          .sort()
      }
    }
  }

  const nameOf = (id: string) =>
    Object.values(people)
      .find(person => person.id === id)
      ?.name.split(' ')[0]

  test('whom a ticket is given to, at its birth and later, unless they took it themselves', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id }, ann)
    expect(await team.told()).toEqual(['Bob: assigned'])
    await team.change(ann, id, { assigned_to: adam.id })
    expect(await team.told()).toEqual(['Adam: assigned'])
    await team.change(adam, id, { assigned_to: null })
    expect(await team.told()).toEqual([])
    await team.change(bob, id, { assigned_to: bob.id })
    expect(await team.told()).toEqual([])
    await team.ticket({ assigned_to: ann.id }, ann)
    expect(await team.told()).toEqual([])
  })

  test('given on before it was told: the last one alone, once', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id }, ann)
    await team.change(ann, id, { assigned_to: adam.id })
    expect(await team.told()).toEqual(['Adam: assigned'])
    const another = await team.ticket({}, ann)
    await team.change(ann, another, { assigned_to: bob.id })
    expect(await team.told()).toEqual(['Bob: assigned'])
  })

  test('of a reply and of a note: assignee, creator and followers, never who wrote it', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id })
    await team.follow(vera, id)
    await team.told()
    await team.reply(adam, id)
    expect(await team.told()).toEqual(['Ann: replied', 'Bob: replied', 'Vera: replied'])
    await team.reply(vera, id, 'A note', true)
    expect(await team.told()).toEqual(['Ann: replied', 'Bob: replied'])
    await team.reply(ann, id)
    expect(await team.told()).toEqual(['Bob: replied', 'Vera: replied'])
  })

  test('who is mentioned, in the first place: of a ticket that is theirs as of any other, in notes as well', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id })
    await team.told()
    await team.reply(adam, id, `<@${bob.id}> and <@${vera.id}>, have a look. <@${adam.id}> <@${ivan.id}>`, true)
    expect(await team.told()).toEqual(['Ann: replied', 'Bob: mentioned', 'Vera: mentioned'])
  })

  test('who wants no mentions is told of a reply in a ticket of theirs all the same', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id, created_by: adam.id })
    await team.told()
    for (const person of [bob, vera]) await team.prefer(person, 'mentioned', { in_app: false, mail: false })
    await team.reply(adam, id, `<@${bob.id}> <@${vera.id}>`)
    expect(await team.told()).toEqual(['Bob: replied'])
  })

  test('of a ticket that is resolved, by whomever: the same; of other statuses nobody', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id, created_by: adam.id })
    await team.follow(vera, id)
    await team.told()
    for (const status of ['in_progress', 'waiting']) {
      await team.change(ann, id, { status })
      expect(await team.told(), status).toEqual([])
    }
    await team.change(bob, id, { status: 'resolved' })
    expect(await team.told()).toEqual(['Adam: resolved', 'Vera: resolved'])
    await team.change(ann, id, { status: 'open' })
    expect(await team.told()).toEqual([])
    await team.change(service, id, { status: 'resolved' })
    expect(await team.told()).toEqual(['Adam: resolved', 'Bob: resolved', 'Vera: resolved'])
  })

  test('of a ticket that wakes at its time: its assignee, even of what they put away themselves, and followers; not its creator', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id, created_by: ann.id })
    await team.follow(vera, id)
    await team.told()
    for (const person of [adam, bob]) {
      await team.snooze(person, id)
      expect(await team.told()).toEqual([])
      await team.wake(id)
      expect(await team.told(), `put away by ${person.name}`).toEqual(['Bob: woken', 'Vera: woken'])
    }
    await team.follow(bob, id)
    await team.snooze(ann, id)
    await team.wake(id)
    expect(await team.told()).toEqual(['Bob: woken', 'Vera: woken'])
  })

  test('of one that nobody has: whoever put it away last, as long as they are a member, in whatever role', async () => {
    const team = await newTeam()
    const id = await team.ticket({ created_by: ann.id })
    await team.snooze(adam, id, '1 hour')
    await team.snooze(bob, id)
    await team.wake(id)
    expect(await team.told()).toEqual(['Bob: woken'])
    await team.snooze(bob, id)
    await team.by(service, sql => sql`update public.team_members set role = 'viewer' where team_id = ${team.id} and user_id = ${bob.id}`)
    await team.wake(id)
    expect(await team.told()).toEqual(['Bob: woken'])
    await team.snooze(adam, id)
    await team.remove(adam)
    await team.wake(id)
    expect(await team.told()).toEqual([])
  })

  test('of one that somebody was given before it is told: them alone', async () => {
    const team = await newTeam()
    const id = await team.ticket()
    await team.snooze(adam, id)
    await team.wake(id)
    await team.change(bob, id, { assigned_to: bob.id })
    expect(await team.told()).toEqual(['Bob: woken'])
  })

  test('nobody of a ticket that wakes for another reason: by hand, with a reply, with another assignee, when it is done or its assignee goes', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id, created_by: bob.id })
    const reasons: [reason: string, wake: () => Promise<unknown>, told: string[]][] = [
      ['by hand', () => team.change(adam, id, { snoozed_until: null }), []],
      ['a reply', () => team.reply(ann, id), ['Bob: replied']],
      ['a note', () => team.reply(ann, id, 'A note', true), ['Bob: replied']],
      ['another assignee', () => team.change(ann, id, { assigned_to: adam.id }), ['Adam: assigned']],
      ['its assignee goes', () => team.remove(adam), []],
      ['done', () => team.change(ann, id, { status: 'resolved' }), ['Bob: resolved']]
    ]
    for (const [reason, wake, told] of reasons) {
      await team.snooze(bob, id, '1 hour')
      await team.told()
      await wake()
      expect(await team.told(), reason).toEqual(told)
      expect(await database()`select snoozed_until from public.tickets where id = ${id}`, reason).toEqual([{ snoozed_until: null }])
    }
    const overdue = await team.ticket({ assigned_to: bob.id })
    await team.snooze(bob, overdue)
    await team.due(overdue)
    await team.told()
    await team.change(adam, overdue, { snoozed_until: null })
    expect(await team.told(), 'by hand, overdue').toEqual([])
  })

  test('nobody that a ticket woke which is done, gone or away again by the time it is told; of what woke twice once', async () => {
    const team = await newTeam()
    const woken = async () => {
      const id = await team.ticket({ assigned_to: bob.id })
      await team.told()
      await team.snooze(bob, id)
      await team.wake(id)
      return id
    }
    await team.change(bob, await woken(), { status: 'resolved' })
    expect(await team.told(), 'resolved').toEqual(['Ann: resolved'])
    await team.change(ann, await woken(), { status: 'closed' })
    expect(await team.told(), 'closed').toEqual([])
    const gone = await woken()
    await team.by(service, sql => sql`delete from public.tickets where id = ${gone}`)
    expect(await team.told(), 'gone').toEqual([])
    const away = await woken()
    await team.snooze(bob, away, '1 hour')
    expect(await team.told(), 'away again').toEqual([])
    const twice = await woken()
    await team.snooze(bob, twice)
    await team.wake(twice)
    expect(await team.told(), 'twice').toEqual(['Bob: woken'])
  })

  test('who is assignee, creator and follower at once is told once', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id, created_by: bob.id })
    await team.follow(bob, id)
    await team.told()
    await team.reply(ann, id)
    expect(await team.told()).toEqual(['Bob: replied'])
  })

  test('as they want: not at all, in one way, or in the other', async () => {
    const team = await newTeam()
    await team.prefer(bob, 'assigned', { in_app: false, mail: false })
    await team.prefer(bob, 'replied', { mail: false })
    await team.prefer(bob, 'resolved', { in_app: false })
    await team.prefer(bob, 'woken', { mail: false })
    await team.prefer(vera, 'woken', { in_app: false, mail: false })
    const id = await team.ticket({ created_by: ann.id }, ann)
    await team.change(ann, id, { assigned_to: bob.id })
    expect(await team.told()).toEqual([])
    await team.reply(ann, id)
    expect(await team.told()).toEqual(['Bob: replied in the app'])
    await team.follow(vera, id)
    await team.snooze(ann, id)
    await team.wake(id)
    expect(await team.told()).toEqual(['Bob: woken in the app'])
    await team.by(vera, sql => sql`delete from public.ticket_followers where ticket_id = ${id}`)
    await team.change(ann, id, { status: 'resolved' })
    expect(await team.told()).toEqual(['Bob: resolved by mail'])
  })

  test('what somebody wants in one team says nothing of another', async () => {
    const [team, other] = [await newTeam(), await newTeam()]
    await other.prefer(bob, 'assigned', { in_app: false, mail: false })
    await team.ticket({ assigned_to: bob.id }, ann)
    expect(await team.told()).toEqual(['Bob: assigned'])
  })

  test('present members alone: whoever was removed before it is told hears nothing', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id, created_by: bob.id })
    await team.follow(vera, id)
    await team.told()
    await team.reply(ann, id)
    await team.remove(bob)
    await team.remove(vera)
    expect(await team.told()).toEqual([])
  })

  test('nobody of a ticket or a reply that has gone meanwhile', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id }, ann)
    const reply = await team.reply(adam, id)
    await team.by(service, sql => sql`delete from public.ticket_replies where id = ${reply}`)
    expect(await team.told()).toEqual(['Bob: assigned'])
    await team.reply(adam, id)
    await team.by(service, sql => sql`delete from public.tickets where id = ${id}`)
    expect(await team.told()).toEqual([])
  })

  test('owners and admins of a webhook that was switched off', async () => {
    const team = await newTeam()
    await team.by(
      service,
      sql =>
        sql`select private.record_event(${team.id}, null, null, 'webhook.disabled', null, '{"id": "x", "name": "CRM", "reason": "timeout"}')`
    )
    expect(await team.told()).toEqual(['Adam: webhook', 'Ann: webhook'])
  })

  test('nobody of another team, and nobody when nothing concerns them', async () => {
    const team = await newTeam()
    const id = await team.ticket({}, ann)
    await team.change(ann, id, { priority: 'urgent', subject: 'Other' })
    await team.reply(ann, id)
    expect(await team.told()).toEqual([])
  })

  test('what is told twice is written once; the row names event, ticket, reply and actor', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id, created_by: bob.id })
    await team.events()
    const reply = await team.reply(ann, id)
    const happened = await team.events()
    for (let times = 0; times < 2; times++) await asService('a test', db => notify(db, happened))
    expect(
      await database()`select user_id, kind, ticket_id, reply_id, actor_id, event_id, read_at from public.notifications where team_id = ${team.id}`
    ).toEqual([
      { user_id: bob.id, kind: 'replied', ticket_id: id, reply_id: reply, actor_id: ann.id, event_id: happened[0]!.id, read_at: null }
    ])
  })

  test('what is older than ninety days goes, read or not; the rest stays', async () => {
    const team = await newTeam()
    const id = await team.ticket()
    const ages = ['91 days', '89 days', '0 days']
    for (const [event, age] of ages.entries())
      await database()`insert into public.notifications (team_id, user_id, event_id, kind, ticket_id, created_at) values (${team.id}, ${bob.id}, ${event}, 'resolved', ${id}, now() - ${age}::interval)`
    await removeNotificationsJob.run(new AbortController().signal)
    expect(await database()`select event_id::int from public.notifications where team_id = ${team.id} order by event_id`).toEqual([
      { event_id: 1 },
      { event_id: 2 }
    ])
  })

  test('who wants it by mail alone finds nothing in the app', async () => {
    const team = await newTeam()
    await team.prefer(bob, 'assigned', { in_app: false })
    await team.ticket({ assigned_to: bob.id }, ann)
    const happened = await team.events()
    await asService('a test', db => notify(db, happened))
    expect(await database()`select id from public.notifications where team_id = ${team.id}`).toEqual([])
  })

  test('thousands of tickets that are given to somebody at once: told in seconds, and in a message for each hundred', async () => {
    const [team, count] = [await newTeam(), 2_000]
    await team.by(
      service,
      sql =>
        sql`insert into public.tickets (team_id, subject, description, created_by) select ${team.id}, 'Ticket ' || n, 'x', ${ann.id} from generate_series(1, ${count}) as n`
    )
    await team.events()
    await team.by(ann, async sql => {
      await sql`select set_config('switchboard.channel', 'ui', true)`
      await sql`update public.tickets set assigned_to = ${bob.id} where team_id = ${team.id}`
    })
    const happened = await team.events()
    expect(happened).toHaveLength(count)
    const started = performance.now()
    for (let from = 0; from < count; from += 100) await asService('a test', db => notify(db, happened.slice(from, from + 100)))
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(await database()`select count(*)::int as count from public.notifications where team_id = ${team.id}`).toEqual([{ count }])
    expect(
      await database()`select count(*)::int as count from realtime.messages where topic = ${`user:${bob.id}:1`} and payload -> 'record' ->> 'team_id' = ${team.id}`
    ).toEqual([{ count: count / 100 }])
  }, 60_000)
})

describe('the channel of a person', () => {
  async function mayRead({ as }: Session, caller: Person, topic: string, extension = 'broadcast') {
    await as(service, sql => sql`select realtime.send('{}', 'probe', ${topic}, true)`)
    await as(service, sql => sql`update realtime.messages set extension = ${extension} where topic = ${topic} and event = 'probe'`)
    return as(caller, async sql => {
      await sql`select set_config('realtime.topic', ${topic}, true)`
      return (await sql`select 1 from realtime.messages where topic = ${topic} and event = 'probe' limit 1`).length > 0
    })
  }

  test('is theirs alone, for broadcasts alone', () =>
    session(service, async session => {
      expect(await mayRead(session, bob, `user:${bob.id}:1`)).toBe(true)
      expect(await mayRead(session, bob, `user:${bob.id}:1`, 'presence')).toBe(false)
      for (const other of [ann, adam, vera, ivan, dan]) expect(await mayRead(session, other, `user:${bob.id}:1`), other.name).toBe(false)
      for (const topic of [
        `user:${bob.id}`,
        `user:${bob.id}:0`,
        `user:${bob.id}:2`,
        `user:${bob.id}:11`,
        'user:%',
        `user:${bob.id.toUpperCase()}:1`,
        `team:${bob.id}:1`
      ])
        expect(await mayRead(session, bob, topic), topic).toBe(false)
    }))

  test('is silent: nobody sends on it or shows presence', () =>
    session(bob, async ({ refusal }) => {
      for (const extension of ['broadcast', 'presence']) {
        const { code } = await refusal(async sql => {
          await sql`select set_config('realtime.topic', ${`user:${bob.id}:1`}, true)`
          await sql`insert into realtime.messages (topic, extension, event, payload, private) values (${`user:${bob.id}:1`}, ${extension}, 'change', '{}', true)`
        })
        expect(code).toBe('42501')
      }
    }))
})
