import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { TransactionSql } from 'postgres'
import { asService } from '#server/db/identity'
import { closePool, configureDatabase } from '#server/db/pool'
import type { OutboxEvent } from '#server/domain/event'
import { notify } from '#server/domain/notification/notify'
import { markDueClocks } from '#server/domain/sla/clock'
import { listRecipients } from '#server/domain/notification/recipients'
import { removeNotificationsJob } from '#server/jobs/remove-notifications'
import { wakeSnoozedTickets } from '#server/jobs/wake-snoozed-tickets'
import { database, databaseUrl, impersonate, service, session, type Session } from '../support/as.ts'
import { acme, adam, addTeam, ann, bob, dan, ivan, people, vera, type Person } from '../support/world.ts'

const { bobs: ticket, unassigned } = acme.tickets

/** A notification of Bob about his ticket. */
const bobsNotification = (sql: Session['sql']) => sql`
  insert into notifications (team_id, user_id, event_id, kind, ticket_id, actor_id)
  select team_id, ${bob.id}, id, 'assigned', ticket_id, ${ann.id} from ticket_events where ticket_id = ${ticket} and type = 'ticket.created'
  returning id`

describe('notifications', () => {
  test('read_at is the time of the first update, not a time that the caller sends', () =>
    session(service, async ({ sql, as }) => {
      await bobsNotification(sql)
      const read = (at: string | null) =>
        as(bob, sql => sql<{ read_at: Date | null }[]>`update notifications set read_at = ${at} returning read_at`)
      const [first] = await read('2020-01-01')
      expect(first!.read_at).toEqual((await sql`select now() as now`)[0]!.now)
      expect((await read('2030-01-01'))[0]).toEqual(first)
      expect((await read(null))[0]).toEqual({ read_at: null })
    }))

  test('a notification of a webhook is hidden when its reader may no longer manage webhooks', () =>
    session(service, async ({ sql, as }) => {
      await sql`insert into notifications (team_id, user_id, event_id, kind) values (${acme.id}, ${adam.id}, 1, 'webhook')`
      const seen = () => as(adam, sql => sql`select kind from notifications`)
      expect(await seen()).toHaveLength(1)
      await sql`update team_members set role = 'member' where team_id = ${acme.id} and user_id = ${adam.id}`
      expect(await seen()).toHaveLength(0)
    }))

  test('a notification is deleted with its reply, its ticket or the membership of its reader', () =>
    session(service, async ({ sql }) => {
      const count = async () =>
        (await sql<[{ count: number }]>`select count(*)::int as count from notifications where created_at = now()`)[0].count
      await bobsNotification(sql)
      await sql`
        insert into notifications (team_id, user_id, event_id, kind, ticket_id, reply_id)
        values ${sql([ann, bob, vera].map(({ id }, n) => [acme.id, id, n + 1, 'replied', ticket, acme.replies.veras]))}`
      await sql`delete from ticket_replies where id = ${acme.replies.veras}`
      expect(await count()).toBe(1)
      await sql`
        insert into notifications (team_id, user_id, event_id, kind, ticket_id)
        values ${sql([ann, vera].map(({ id }, n) => [acme.id, id, n + 1, 'resolved', ticket]))}`
      await sql`delete from team_members where team_id = ${acme.id} and user_id = ${bob.id}`
      expect(await count()).toBe(2)
      await sql`delete from tickets where id = ${ticket}`
      expect(await count()).toBe(0)
    }))

  test('a statement broadcasts one message per reader, on the channel of the reader, with ids alone', () =>
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
      select topic, payload from realtime.messages
      where private and payload ->> 'table' = 'notifications' and payload ->> 'operation' = ${operation}
      and payload -> 'record' ->> 'team_id' = ${acme.id} and inserted_at = localtimestamp order by topic`
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
      await sql`
        insert into notifications (team_id, user_id, event_id, kind, ticket_id)
        values (${acme.id}, ${bob.id}, 1, 'resolved', ${unassigned})`
      await sql`delete from team_members where team_id = ${acme.id} and user_id = ${bob.id}`
      expect(await sent('DELETE')).toHaveLength(2) // a former member gets no message
    }))
})

describe('recipients of notifications', () => {
  const teams: string[] = []

  beforeAll(() => {
    configureDatabase(databaseUrl(), 4)
  })
  afterEach(async () => {
    if (teams.length > 0) await database()`delete from public.teams where id in ${database()(teams.splice(0))}`
  })
  afterAll(closePool)

  /** A team of Ann, Adam, Bob and Vera, with verbs that change it. */
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

    /** The events since the last call, in the shape of the outbox. */
    async function events(): Promise<OutboxEvent[]> {
      const rows = await database()<OutboxEvent[]>`
        select id::text, team_id, ticket_id, ticket_number, type, actor_id, channel, "from", "to", created_at::text
        from public.ticket_events as event where team_id = ${id} and id > ${last} order by event.id`
      last = rows.at(-1)?.id ?? last
      return rows
    }

    const snooze = (person: Person, ticketId: string, time = '20 milliseconds') =>
      by(
        person,
        sql => sql`
      update public.tickets set snoozed_until = clock_timestamp() + ${time}::interval where id = ${ticketId}`
      )

    /** Waits until the snooze of a ticket is due. */
    const waitUntilDue = (ticketId: string) =>
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
            sql<[{ id: string }]>`
              insert into public.tickets ${sql({ team_id: id, subject: 'Subject', description: 'x', created_by: ann.id, ...values })}
              returning id`
        )
        return created.id
      },
      change: (person: Person | typeof service, ticketId: string, values: Record<string, string | null>) =>
        by(person, sql => sql`update public.tickets set ${sql(values)} where id = ${ticketId}`),
      reply: async (person: Person, ticketId: string, content = 'Hello', isInternal = false) => {
        const [created] = await by(
          person,
          sql =>
            sql<[{ id: string }]>`
              insert into public.ticket_replies
              ${sql({ team_id: id, ticket_id: ticketId, user_id: person.id, content, is_internal: isInternal })} returning id`
        )
        return created.id
      },
      snooze,
      waitUntilDue,
      /** Waits until the snooze is due and runs the job. */
      wake: async (ticketId: string) => {
        await waitUntilDue(ticketId)
        await wakeSnoozedTickets(new AbortController().signal)
      },
      follow: (person: Person, ticketId: string) =>
        by(person, sql => sql`insert into public.ticket_followers (team_id, ticket_id, user_id) values (${id}, ${ticketId}, ${person.id})`),
      prefer: (person: Person, kind: string, channels: { in_app?: boolean; mail?: boolean }) =>
        by(person, sql => sql`insert into public.notification_preferences ${sql({ team_id: id, user_id: person.id, kind, ...channels })}`),
      remove: (person: Person) => by(service, sql => sql`delete from public.team_members where team_id = ${id} and user_id = ${person.id}`),
      /** The recipients of the events since the last call, such as ["Bob: assigned", "Vera: replied"]. */
      newNotices: async () => {
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

  test('the new assignee of a ticket is notified, unless they assigned it to themselves', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id }, ann)
    expect(await team.newNotices()).toEqual(['Bob: assigned'])
    await team.change(ann, id, { assigned_to: adam.id })
    expect(await team.newNotices()).toEqual(['Adam: assigned'])
    await team.change(adam, id, { assigned_to: null })
    expect(await team.newNotices()).toEqual([])
    await team.change(bob, id, { assigned_to: bob.id })
    expect(await team.newNotices()).toEqual([])
    await team.ticket({ assigned_to: ann.id }, ann)
    expect(await team.newNotices()).toEqual([])
  })

  test('only the last assignee is notified when a ticket is reassigned before the dispatch', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id }, ann)
    await team.change(ann, id, { assigned_to: adam.id })
    expect(await team.newNotices()).toEqual(['Adam: assigned'])
    const another = await team.ticket({}, ann)
    await team.change(ann, another, { assigned_to: bob.id })
    expect(await team.newNotices()).toEqual(['Bob: assigned'])
  })

  test('a reply or a note notifies assignee, creator and followers, but not its author', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id })
    await team.follow(vera, id)
    await team.newNotices()
    await team.reply(adam, id)
    expect(await team.newNotices()).toEqual(['Ann: replied', 'Bob: replied', 'Vera: replied'])
    await team.reply(vera, id, 'A note', true)
    expect(await team.newNotices()).toEqual(['Ann: replied', 'Bob: replied'])
    await team.reply(ann, id)
    expect(await team.newNotices()).toEqual(['Bob: replied', 'Vera: replied'])
  })

  test('a mention takes precedence over a reply, in any ticket and in notes', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id })
    await team.newNotices()
    await team.reply(adam, id, `<@${bob.id}> and <@${vera.id}>, have a look. <@${adam.id}> <@${ivan.id}>`, true)
    expect(await team.newNotices()).toEqual(['Ann: replied', 'Bob: mentioned', 'Vera: mentioned'])
  })

  test('an assignee without notifications of mentions is notified of the reply instead', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id, created_by: adam.id })
    await team.newNotices()
    for (const person of [bob, vera]) await team.prefer(person, 'mentioned', { in_app: false, mail: false })
    await team.reply(adam, id, `<@${bob.id}> <@${vera.id}>`)
    expect(await team.newNotices()).toEqual(['Bob: replied'])
  })

  test('resolving a ticket notifies assignee, creator and followers but the actor; other statuses notify nobody', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id, created_by: adam.id })
    await team.follow(vera, id)
    await team.newNotices()
    for (const status of ['in_progress', 'waiting']) {
      await team.change(ann, id, { status })
      expect(await team.newNotices(), status).toEqual([])
    }
    await team.change(bob, id, { status: 'resolved' })
    expect(await team.newNotices()).toEqual(['Adam: resolved', 'Vera: resolved'])
    await team.change(ann, id, { status: 'open' })
    expect(await team.newNotices()).toEqual([])
    await team.change(service, id, { status: 'resolved' })
    expect(await team.newNotices()).toEqual(['Adam: resolved', 'Bob: resolved', 'Vera: resolved'])
  })

  test('an SLA clock notifies the assignee; without one those who may assign; and nobody of a finished ticket', async () => {
    const team = await newTeam()
    const levels = { low: 60, normal: 60, high: 60, urgent: 60 }
    await database()`insert into public.sla_policies ${database()({ team_id: team.id, name: 'All', targets: database().json({ resolution: levels }) })}`
    const makeDue = async (column: 'warn_at' | 'due_at', ticket_id: string) => {
      await database()`update public.sla_clocks set ${database()({ [column]: new Date(Date.now() - 1000) })} where ticket_id = ${ticket_id}`
      await asService('marking due clocks', db => markDueClocks(db, 100))
    }
    const [bobs, unassigned, finished] = [
      await team.ticket({ assigned_to: bob.id }),
      await team.ticket({}),
      await team.ticket({ assigned_to: bob.id })
    ]
    await team.newNotices()
    await makeDue('warn_at', bobs)
    expect(await team.newNotices()).toEqual(['Bob: sla'])
    await makeDue('due_at', bobs)
    expect(await team.newNotices()).toEqual(['Bob: sla'])
    await makeDue('due_at', unassigned)
    expect(await team.newNotices()).toEqual(['Adam: sla', 'Ann: sla'])
    await makeDue('due_at', finished)
    await team.change(bob, finished, { status: 'resolved' })
    expect(await team.newNotices()).toEqual(['Ann: resolved'])
  })

  test('the end of a snooze notifies assignee and followers, whoever snoozed the ticket, but not its creator', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id, created_by: ann.id })
    await team.follow(vera, id)
    await team.newNotices()
    for (const person of [adam, bob]) {
      await team.snooze(person, id)
      expect(await team.newNotices()).toEqual([])
      await team.wake(id)
      expect(await team.newNotices(), `snoozed by ${person.name}`).toEqual(['Bob: woken', 'Vera: woken'])
    }
    await team.follow(bob, id)
    await team.snooze(ann, id)
    await team.wake(id)
    expect(await team.newNotices()).toEqual(['Bob: woken', 'Vera: woken'])
  })

  test('the end of a snooze of an unassigned ticket notifies who snoozed it last, if still a member of any role', async () => {
    const team = await newTeam()
    const id = await team.ticket({ created_by: ann.id })
    await team.snooze(adam, id, '1 hour')
    await team.snooze(bob, id)
    await team.wake(id)
    expect(await team.newNotices()).toEqual(['Bob: woken'])
    await team.snooze(bob, id)
    await team.by(service, sql => sql`update public.team_members set role = 'viewer' where team_id = ${team.id} and user_id = ${bob.id}`)
    await team.wake(id)
    expect(await team.newNotices()).toEqual(['Bob: woken'])
    await team.snooze(adam, id)
    await team.remove(adam)
    await team.wake(id)
    expect(await team.newNotices()).toEqual([])
  })

  test('a ticket assigned between the end of its snooze and the dispatch notifies its assignee alone', async () => {
    const team = await newTeam()
    const id = await team.ticket()
    await team.snooze(adam, id)
    await team.wake(id)
    await team.change(bob, id, { assigned_to: bob.id })
    expect(await team.newNotices()).toEqual(['Bob: woken'])
  })

  test('a snooze that ends early (by hand, reply, assignment or status) sends no notification of its end', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id, created_by: bob.id })
    const reasons: [reason: string, wake: () => Promise<unknown>, notices: string[]][] = [
      ['by hand', () => team.change(adam, id, { snoozed_until: null }), []],
      ['a reply', () => team.reply(ann, id), ['Bob: replied']],
      ['a note', () => team.reply(ann, id, 'A note', true), ['Bob: replied']],
      ['another assignee', () => team.change(ann, id, { assigned_to: adam.id }), ['Adam: assigned']],
      ['removal of its assignee', () => team.remove(adam), []],
      ['resolved', () => team.change(ann, id, { status: 'resolved' }), ['Bob: resolved']]
    ]
    for (const [reason, wake, notices] of reasons) {
      await team.snooze(bob, id, '1 hour')
      await team.newNotices()
      await wake()
      expect(await team.newNotices(), reason).toEqual(notices)
      expect(await database()`select snoozed_until from public.tickets where id = ${id}`, reason).toEqual([{ snoozed_until: null }])
    }
    const overdue = await team.ticket({ assigned_to: bob.id })
    await team.snooze(bob, overdue)
    await team.waitUntilDue(overdue)
    await team.newNotices()
    await team.change(adam, overdue, { snoozed_until: null })
    expect(await team.newNotices(), 'by hand, overdue').toEqual([])
  })

  test('the end of a snooze notifies nobody when the ticket is done, deleted or snoozed again at dispatch', async () => {
    const team = await newTeam()
    const wakeNewTicket = async () => {
      const id = await team.ticket({ assigned_to: bob.id })
      await team.newNotices()
      await team.snooze(bob, id)
      await team.wake(id)
      return id
    }
    await team.change(bob, await wakeNewTicket(), { status: 'resolved' })
    expect(await team.newNotices(), 'resolved').toEqual(['Ann: resolved'])
    await team.change(ann, await wakeNewTicket(), { status: 'closed' })
    expect(await team.newNotices(), 'closed').toEqual([])
    const deleted = await wakeNewTicket()
    await team.by(service, sql => sql`delete from public.tickets where id = ${deleted}`)
    expect(await team.newNotices(), 'deleted').toEqual([])
    const snoozedAgain = await wakeNewTicket()
    await team.snooze(bob, snoozedAgain, '1 hour')
    expect(await team.newNotices(), 'snoozed again').toEqual([])
    const twice = await wakeNewTicket()
    await team.snooze(bob, twice)
    await team.wake(twice)
    expect(await team.newNotices(), 'twice').toEqual(['Bob: woken'])
  })

  test('a person who is assignee, creator and follower is notified once', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id, created_by: bob.id })
    await team.follow(bob, id)
    await team.newNotices()
    await team.reply(ann, id)
    expect(await team.newNotices()).toEqual(['Bob: replied'])
  })

  test('preferences choose the app, mail, or nothing for each kind', async () => {
    const team = await newTeam()
    await team.prefer(bob, 'assigned', { in_app: false, mail: false })
    await team.prefer(bob, 'replied', { mail: false })
    await team.prefer(bob, 'resolved', { in_app: false })
    await team.prefer(bob, 'woken', { mail: false })
    await team.prefer(vera, 'woken', { in_app: false, mail: false })
    const id = await team.ticket({ created_by: ann.id }, ann)
    await team.change(ann, id, { assigned_to: bob.id })
    expect(await team.newNotices()).toEqual([])
    await team.reply(ann, id)
    expect(await team.newNotices()).toEqual(['Bob: replied in the app'])
    await team.follow(vera, id)
    await team.snooze(ann, id)
    await team.wake(id)
    expect(await team.newNotices()).toEqual(['Bob: woken in the app'])
    await team.by(vera, sql => sql`delete from public.ticket_followers where ticket_id = ${id}`)
    await team.change(ann, id, { status: 'resolved' })
    expect(await team.newNotices()).toEqual(['Bob: resolved by mail'])
  })

  test('notification preferences of one team do not apply to another', async () => {
    const [team, other] = [await newTeam(), await newTeam()]
    await other.prefer(bob, 'assigned', { in_app: false, mail: false })
    await team.ticket({ assigned_to: bob.id }, ann)
    expect(await team.newNotices()).toEqual(['Bob: assigned'])
  })

  test('a member who was removed before the dispatch is not notified', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id, created_by: bob.id })
    await team.follow(vera, id)
    await team.newNotices()
    await team.reply(ann, id)
    await team.remove(bob)
    await team.remove(vera)
    expect(await team.newNotices()).toEqual([])
  })

  test('a reply or ticket deleted before the dispatch notifies nobody', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id }, ann)
    const reply = await team.reply(adam, id)
    await team.by(service, sql => sql`delete from public.ticket_replies where id = ${reply}`)
    expect(await team.newNotices()).toEqual(['Bob: assigned'])
    await team.reply(adam, id)
    await team.by(service, sql => sql`delete from public.tickets where id = ${id}`)
    expect(await team.newNotices()).toEqual([])
  })

  test('a disabled webhook notifies owners and admins', async () => {
    const team = await newTeam()
    await team.by(
      service,
      sql =>
        sql`
          select private.record_event(${team.id}, null, null, 'webhook.disabled', null, '{"id": "x", "name": "CRM", "reason": "timeout"}')`
    )
    expect(await team.newNotices()).toEqual(['Adam: webhook', 'Ann: webhook'])
  })

  test('a change of priority or subject and an own reply notify nobody', async () => {
    const team = await newTeam()
    const id = await team.ticket({}, ann)
    await team.change(ann, id, { priority: 'urgent', subject: 'Other' })
    await team.reply(ann, id)
    expect(await team.newNotices()).toEqual([])
  })

  test('dispatching an event twice writes one row, which names event, ticket, reply and actor', async () => {
    const team = await newTeam()
    const id = await team.ticket({ assigned_to: bob.id, created_by: bob.id })
    await team.events()
    const reply = await team.reply(ann, id)
    const happened = await team.events()
    for (let times = 0; times < 2; times++) await asService('a test', db => notify(db, happened))
    expect(
      await database()`
        select user_id, kind, ticket_id, reply_id, actor_id, event_id, read_at from public.notifications where team_id = ${team.id}`
    ).toEqual([
      { user_id: bob.id, kind: 'replied', ticket_id: id, reply_id: reply, actor_id: ann.id, event_id: happened[0]!.id, read_at: null }
    ])
  })

  test('notifications are deleted after 90 days', async () => {
    const team = await newTeam()
    const id = await team.ticket()
    const ages = ['91 days', '89 days', '0 days']
    for (const [event, age] of ages.entries())
      await database()`
        insert into public.notifications (team_id, user_id, event_id, kind, ticket_id, created_at)
        values (${team.id}, ${bob.id}, ${event}, 'resolved', ${id}, now() - ${age}::interval)`
    await removeNotificationsJob.run(new AbortController().signal)
    expect(await database()`select event_id::int from public.notifications where team_id = ${team.id} order by event_id`).toEqual([
      { event_id: 1 },
      { event_id: 2 }
    ])
  })

  test('a notification by mail alone has no row in the app', async () => {
    const team = await newTeam()
    await team.prefer(bob, 'assigned', { in_app: false })
    await team.ticket({ assigned_to: bob.id }, ann)
    const happened = await team.events()
    await asService('a test', db => notify(db, happened))
    expect(await database()`select id from public.notifications where team_id = ${team.id}`).toEqual([])
  })

  test('the assignment of 2,000 tickets is dispatched within 10 seconds, in one message per 100', async () => {
    const [team, count] = [await newTeam(), 2_000]
    await team.by(
      service,
      sql =>
        sql`
          insert into public.tickets (team_id, subject, description, created_by)
          select ${team.id}, 'Ticket ' || n, 'x', ${ann.id} from generate_series(1, ${count}) as n`
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
      await database()`
        select count(*)::int as count from realtime.messages
        where topic = ${`user:${bob.id}:1`} and payload -> 'record' ->> 'team_id' = ${team.id}`
    ).toEqual([{ count: count / 100 }])
  }, 60_000)
})

describe('the realtime channel of a person', () => {
  async function mayRead({ as }: Session, caller: Person, topic: string, extension = 'broadcast') {
    await as(service, sql => sql`select realtime.send('{}', 'probe', ${topic}, true)`)
    await as(service, sql => sql`update realtime.messages set extension = ${extension} where topic = ${topic} and event = 'probe'`)
    return as(caller, async sql => {
      await sql`select set_config('realtime.topic', ${topic}, true)`
      return (await sql`select 1 from realtime.messages where topic = ${topic} and event = 'probe' limit 1`).length > 0
    })
  }

  test('a person may read broadcasts of their own channel, and nothing else', () =>
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

  test('a person cannot send on their channel or track presence there', () =>
    session(bob, async ({ refusal }) => {
      for (const extension of ['broadcast', 'presence']) {
        const { code } = await refusal(async sql => {
          await sql`select set_config('realtime.topic', ${`user:${bob.id}:1`}, true)`
          await sql`
            insert into realtime.messages (topic, extension, event, payload, private)
            values (${`user:${bob.id}:1`}, ${extension}, 'change', '{}', true)`
        })
        expect(code).toBe('42501')
      }
    }))
})
