import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { closePool, configureDatabase } from '#server/db/pool'
import { dispatchEvents } from '#server/jobs/dispatch-events'
import { database, databaseUrl, service, session } from '../support/as.ts'
import { tellStory, type Story } from '../support/sla-story.ts'
import { acme, adam, addTeam, ann, bob, initech, ivan, vera } from '../support/world.ts'

beforeAll(() => configureDatabase(databaseUrl(), 4))
afterAll(closePool)

const hour = 3600
const raise = { metric: null, when: 'breach', action: 'raise_severity' }
const assignTo = (member_id: string, when = 'breach') => ({ metric: null, when, action: 'assign', member_id })
const tag = (tag: string, when = 'breach') => ({ metric: null, when, action: 'add_tag', tag })
const notify = (people: object) => ({ metric: null, when: 'breach', action: 'notify', members: [], roles: [], followers: false, ...people })
const resolution = { target_by: 'severity', targets: { resolution: { 1: hour, 2: 2 * hour, 3: 4 * hour } } }

const tell = (policy: Record<string, unknown>, work: (story: Story) => Promise<void>, start = '2026-06-01T09:00') =>
  session(service, async current => work(await tellStory(current, start, { ...resolution, ...policy })))

describe('an escalation', () => {
  test('raises the severity once, behind the breach, with the clock as its cause and no actor', () =>
    tell({ escalations: [raise] }, async story => {
      await story.until('2026-06-01 13:45')
      expect(await story.markDue()).toBe(1)
      const events = await story.changes()
      expect(events).toMatchObject([
        { type: 'ticket.sla_breached', cause: null },
        {
          type: 'ticket.severity_changed',
          from: 3,
          to: 2,
          actor_id: null,
          channel: 'job',
          cause: { policy: { name: 'Standard' }, metric: 'resolution', when: 'breach' }
        }
      ])
      // The target of severity 2 was over, too: the clock stays breached, and nothing happens again.
      expect(await story.clocks()).toMatchObject([{ metric: 'resolution', state: 'breached', due: 'Mon 06-01 11:00' }])
      for (let attempt = 0; attempt < 3; attempt++) expect(await story.markDue()).toBe(0)
      expect(await story.changes()).toEqual(events)
    }))

  test('happens once for a clock, also if the clock gets another target and is over a second time', () =>
    tell({ escalations: [raise] }, async story => {
      await story.change({ severity: 2 })
      await story.until('2026-06-01 11:00')
      await story.markDue()
      await story.change({ severity: 3 })
      await story.until('2026-06-01 13:45')
      expect(await story.markDue()).toBe(1)
      const changes = await story.changes()
      expect(changes.map(({ type, cause }) => [type, cause !== null])).toEqual([
        ['ticket.severity_changed', false],
        ['ticket.sla_breached', false],
        ['ticket.severity_changed', true],
        ['ticket.severity_changed', false],
        ['ticket.sla_breached', false]
      ])
    }))

  test('at the warning can make the time over at once, which escalates in turn and then ends', () =>
    tell(
      {
        escalations: [
          { ...raise, when: 'warning' },
          { ...raise, metric: 'resolution' }
        ]
      },
      async story => {
        await story.until('2026-06-01 12:15') // 80 % of 4 h is 12:12; 2 h are over
        let marked = 0
        for (let attempt = 0; attempt < 5; attempt++) marked += await story.markDue()
        expect(marked).toBe(2)
        expect((await story.changes()).map(({ type, to }) => [type.slice(7), typeof to === 'number' ? to : null])).toEqual([
          ['sla_warning', null],
          ['severity_changed', 2],
          ['sla_breached', null],
          ['severity_changed', 1]
        ])
      }
    ))

  test('assigns the ticket and adds a tag, in the order of the policy', () =>
    tell({ escalations: [tag('late'), assignTo(adam.id)] }, async story => {
      await story.until('2026-06-01 14:00')
      await story.markDue()
      expect(await story.changes()).toMatchObject([
        { type: 'ticket.sla_breached' },
        { type: 'ticket.tags_changed', from: [], to: ['late'], actor_id: null, cause: { when: 'breach' } },
        { type: 'ticket.assigned', to: { id: adam.id }, actor_id: null, cause: { when: 'breach' } }
      ])
    }))

  test('is for the metric and the moment that it names', () =>
    tell(
      {
        target_by: 'priority',
        targets: { first_response: { normal: hour }, resolution: { normal: 4 * hour } },
        escalations: [tag('answer', 'warning'), { ...tag('resolve'), metric: 'resolution' }]
      },
      async story => {
        await story.until('2026-06-01 09:50')
        await story.markDue()
        await story.until('2026-06-01 10:05')
        await story.markDue()
        expect((await story.changes()).map(({ type }) => type.slice(7))).toEqual(['sla_warning', 'tags_changed', 'sla_breached'])
        await story.until('2026-06-01 14:00')
        await story.markDue()
        expect((await story.changes()).at(-1)).toMatchObject({ type: 'ticket.tags_changed', to: ['answer', 'resolve'] })
      }
    ))

  test.each([
    ['its member has left', assignTo(initech.id), 'member_left'],
    ['its member is a viewer', assignTo(vera.id), 'member_left'],
    ['nobody whom it names is left', notify({ members: [ivan.id] }), 'nobody_left'],
    ['nobody follows the ticket', notify({ followers: true }), 'nobody_left']
  ])('is passed over with an event if %s, and the next step follows', (_, step, reason) =>
    session(service, async current => {
      const story = await tellStory(current, '2026-06-01T09:00', resolution)
      // Whoever left stays in the policy.
      await current.sql`alter table sla_policies disable trigger user`
      await current.sql`update sla_policies set escalations = ${current.sql.json([step, tag('late')])} where calendar_id = ${story.calendar}`
      await current.sql`alter table sla_policies enable trigger user`
      await current.sql`select private.reapply_policy(${acme.id}, ${story.ticket})`
      await story.until('2026-06-01 14:00')
      expect(await story.markDue()).toBe(1)
      expect(await story.changes()).toMatchObject([
        { type: 'ticket.sla_breached' },
        { type: 'ticket.escalated', to: { action: step.action, passed_over: reason }, cause: { policy: { name: 'Standard' } } },
        { type: 'ticket.tags_changed', to: ['late'] }
      ])
    })
  )

  test.each([
    ['the severity is 1 already', raise, { severity: 1 }, 'severity_highest'],
    ['the member has the ticket already', assignTo(adam.id), { assigned_to: adam.id }, 'already_assigned'],
    ['the ticket has the tag already', tag('tag-1'), {}, 'already_tagged'],
    ['the ticket has its twenty tags', tag('one-more'), {}, 'tag_limit']
  ])('is passed over if %s', (_, step, fields, reason) =>
    session(service, async current => {
      const story = await tellStory(current, '2026-06-01T09:00', { ...resolution, escalations: [step] })
      await current.sql`insert into ticket_tags (team_id, ticket_id, tag)
        select ${acme.id}, ${story.ticket}, 'tag-' || n from generate_series(1, 20) as n`
      if (Object.keys(fields).length > 0) await current.sql`update tickets set ${current.sql(fields)} where id = ${story.ticket}`
      await story.until('2026-06-01 14:00')
      await story.markDue()
      expect((await story.changes()).at(-1)).toMatchObject({ type: 'ticket.escalated', to: { passed_over: reason } })
    })
  )

  test('that fails is undone and passed over, and stops neither the next step nor the worker', () =>
    session(service, async current => {
      const { sql } = current
      const story = await tellStory(current, '2026-06-01T09:00', { ...resolution, escalations: [raise, tag('late')] })
      await sql.unsafe(`create function pg_temp.refuse() returns trigger language plpgsql as $$
        begin raise exception 'Not this one' using errcode = 'PT422', detail = 'unforeseen'; end $$`)
      await sql.unsafe('create trigger _999_refuse after update of severity on tickets for each row execute function pg_temp.refuse()')
      await story.until('2026-06-01 14:00')
      expect(await story.markDue()).toBe(1)
      expect(await story.changes()).toMatchObject([
        { type: 'ticket.sla_breached' },
        { type: 'ticket.escalated', to: { action: 'raise_severity', passed_over: 'refused' } },
        { type: 'ticket.tags_changed', to: ['late'] }
      ])
      expect(await sql`select severity from tickets where id = ${story.ticket}`).toEqual([{ severity: 3 }])
    }))

  test('follows a change of the policy only when the policy is applied', () =>
    session(service, async current => {
      const story = await tellStory(current, '2026-06-01T09:00', { ...resolution, escalations: [tag('old')] })
      await current.sql`update sla_policies set escalations = ${current.sql.json([tag('new')])} where calendar_id = ${story.calendar}`
      await current.sql`savepoint unapplied`
      await story.until('2026-06-01 14:00')
      await story.markDue()
      expect((await story.changes()).at(-1)).toMatchObject({ to: ['old'] })
      await current.sql`select private.reapply_policy(${acme.id}, ${story.ticket})`
      expect(await story.markDue(), 'what was over stays over').toBe(0)
      expect((await story.changes()).at(-1)).toMatchObject({ to: ['old'] })
    }))

  test('after downtime happens once, and the steps of a warning that never came are too late', () =>
    tell({ escalations: [tag('soon', 'warning'), tag('late')] }, async story => {
      await story.until('2026-06-03 10:00')
      expect(await story.markDue()).toBe(1)
      expect(await story.markDue()).toBe(0)
      expect((await story.changes()).map(({ type, to }) => [type, to])).toMatchObject([
        ['ticket.sla_breached', {}],
        ['ticket.tags_changed', ['late']]
      ])
    }))

  test('at night is told to webhooks at once, and to members at the next opening', () =>
    session(service, async current => {
      const story = await tellStory(current, '2026-06-01T13:15', { ...resolution, escalations: [assignTo(adam.id)] })
      await story.until('2026-06-01 22:00')
      await story.markDue()
      const rows = await current.sql`
        select event.type, outbox.audience, outbox.next_attempt_at > now() as waits from private.event_outbox as outbox
        join ticket_events as event on event.id = outbox.event_id
        where event.ticket_id = ${story.ticket} and event.type in ('ticket.sla_breached', 'ticket.assigned') order by 1 desc, 2`
      expect(rows).toEqual([
        { type: 'ticket.sla_breached', audience: 'integrations', waits: false },
        { type: 'ticket.sla_breached', audience: 'members', waits: true },
        { type: 'ticket.assigned', audience: 'integrations', waits: false },
        { type: 'ticket.assigned', audience: 'members', waits: true }
      ])
    }))

  test('of an imported ticket is news: it is about what its client wrote after the import', () =>
    session(service, async current => {
      const { sql } = current
      const story = await tellStory(current, '2026-06-01T09:00', {
        targets: { first_response: { normal: hour }, next_response: { normal: hour } },
        escalations: [assignTo(adam.id), raise]
      })
      await sql`select set_config('switchboard.channel', 'import', true)`
      const [{ id }] = await sql<[{ id: string }]>`
        insert into tickets (team_id, subject, description, channel, created_by, created_at)
        select team_id, 'x', 'x', 'import', created_by, '2019-01-01' from tickets where id = ${story.ticket} returning id`
      await sql`select set_config('switchboard.channel', '', true)`
      for (const kind of ['agent', 'requester'])
        await sql`insert into ticket_replies (team_id, ticket_id, user_id, content, author_kind)
          select team_id, id, created_by, 'x', ${kind} from tickets where id = ${id}`
      expect(await sql`update sla_clocks set due_at = now() where ticket_id = ${id} and state = 'pending' returning metric`).toEqual([
        { metric: 'next_response' }
      ])
      await sql`select private.mark_due_clocks(100)`
      await sql`set constraints all immediate`
      const news = await sql`
        select event.type from private.event_outbox as outbox join ticket_events as event on event.id = outbox.event_id
        where event.ticket_id = ${id} and event.cause is not null group by 1 order by 1`
      expect(news).toEqual([{ type: 'ticket.assigned' }, { type: 'ticket.severity_changed' }])
    }))
})

describe('the escalations of a policy', () => {
  test.each([
    ['no list', {}],
    ['an unknown action', [{ ...raise, action: 'close' }]],
    ['no action', [{ metric: null, when: 'breach' }]],
    ['an unknown moment', [{ ...raise, when: 'later' }]],
    ['no metric', [{ when: 'breach', action: 'raise_severity' }]],
    ['an unknown metric', [{ ...raise, metric: 'other' }]],
    ['a key too many', [{ ...raise, tag: 'x' }]],
    ['a member who is no id', [assignTo('bob')]],
    ['a tag of two lines', [tag('two\nlines')]],
    ['an empty tag', [tag('')]],
    ['nobody to notify', [notify({})]],
    ['an unknown role', [notify({ roles: ['boss'] })]],
    ['eleven members', [notify({ members: Array.from({ length: 11 }, () => bob.id) })]],
    ['followers that are no switch', [notify({ followers: 'yes' })]],
    ['a step twice', [raise, raise]],
    ['eleven steps', Array.from({ length: 11 }, (_, n) => tag(`t${n}`))]
  ])('are refused with %s', (_, escalations) =>
    session(adam, async ({ refusal }) => {
      expect(
        (await refusal(sql => sql`update sla_policies set escalations = ${sql.json(escalations as never)} where id = ${acme.policy}`)).code
      ).toBe('23514')
    })
  )

  test.each([
    ['assigns to a person of another team', assignTo(ivan.id)],
    ['assigns to a viewer', assignTo(vera.id)],
    ['notifies a person of another team', notify({ members: [bob.id, ivan.id] })]
  ])('are refused if one %s', (_, step) =>
    session(adam, async ({ refusal }) => {
      expect(await refusal(sql => sql`update sla_policies set escalations = ${sql.json([step])} where id = ${acme.policy}`)).toMatchObject({
        code: 'PT422',
        detail: 'escalation_member'
      })
    })
  )

  test('keep a member who has left, when the rest is changed', () =>
    session(adam, async ({ sql, as, refusal }) => {
      const steps = [assignTo(bob.id), tag('late')]
      await sql`update sla_policies set escalations = ${sql.json(steps)} where id = ${acme.policy}`
      await as(service, sql => sql`delete from team_members where team_id = ${acme.id} and user_id = ${bob.id}`)
      await sql`update sla_policies set escalations = ${sql.json([...steps, raise])} where id = ${acme.policy}`
      expect(
        await refusal(
          sql => sql`update sla_policies set escalations = ${sql.json([...steps, assignTo(bob.id, 'warning')])} where id = ${acme.policy}`
        )
      ).toMatchObject({ detail: 'escalation_member' })
    }))

  test('are a change of the policy in the audit log, and raise its version', () =>
    session(adam, async ({ sql, as }) => {
      await sql`update sla_policies set escalations = ${sql.json([raise])} where id = ${acme.policy}`
      expect(await sql`select version from sla_policies where id = ${acme.policy}`).toEqual([{ version: 2 }])
      const [event] = await as(
        service,
        sql => sql`select "from", "to" from ticket_events where team_id = ${acme.id} and type = 'policy.updated' order by id desc limit 1`
      )
      expect(event).toMatchObject({ from: { escalations: [] }, to: { escalations: [raise] } })
    }))
})

describe('committed escalations', () => {
  const withTeam = async (escalations: unknown, tickets: number, work: (team: string) => Promise<void>) => {
    const team = randomUUID()
    const sql = database()
    await sql.begin(sql => addTeam(sql, team, [ann, adam, bob, vera]))
    try {
      const levels = { low: 60, normal: 60, high: 60, urgent: 60 }
      await sql`insert into public.sla_policies ${sql({ team_id: team, name: 'All', targets: sql.json({ resolution: levels }), escalations: sql.json(escalations as never) })}`
      await sql`insert into public.tickets (team_id, subject, description, created_by)
        select ${team}, 'x', 'x', ${ann.id} from generate_series(1, ${tickets}::integer)`
      await dispatchEvents(new AbortController().signal)
      await sql`update public.sla_clocks set due_at = now() - interval '1 second' where team_id = ${team}`
      await work(team)
    } finally {
      await sql`delete from public.teams where id = ${team}`
    }
  }

  test('four servers take each step of each clock once', () =>
    withTeam([raise, tag('late')], 60, async team => {
      const sql = database()
      const markAll = async () => {
        for (let step = 1; step > 0;) step = (await sql<[{ step: number }]>`select private.mark_due_clocks(3) as step`)[0].step
      }
      await Promise.all([markAll(), markAll(), markAll(), markAll()])
      expect(
        await sql`select type, count(*)::integer as events, count(distinct ticket_id)::integer as tickets from public.ticket_events
          where team_id = ${team} and cause is not null group by type order by type`
      ).toEqual([
        { type: 'ticket.severity_changed', events: 60, tickets: 60 },
        { type: 'ticket.tags_changed', events: 60, tickets: 60 }
      ])
    }))

  test('reach webhooks as the usual events, which name their cause', () =>
    withTeam([raise, assignTo(bob.id)], 1, async team => {
      const sql = database()
      await sql`delete from public.team_members where team_id = ${team} and user_id = ${bob.id}`
      const events = ['ticket.severity_changed', 'ticket.escalated']
      await sql`insert into public.webhooks ${sql({ team_id: team, name: 'Hook', url: 'https://example.com', events })}`
      await sql`select private.mark_due_clocks(100)`
      await dispatchEvents(new AbortController().signal)
      const payloads = await sql`select type, data from public.webhook_payloads where team_id = ${team} order by event_id`
      const cause = { policy: { name: 'All' }, metric: 'resolution', when: 'breach' }
      expect(payloads).toMatchObject([
        { type: 'ticket.severity_changed', data: { from: 3, to: 2, actor: null, cause, ticket: { severity: 2 } } },
        { type: 'ticket.escalated', data: { to: { action: 'assign', passed_over: 'member_left' }, actor: null, cause } }
      ])
    }))

  test('notify members by name, by role and as followers, once each, and nobody else', () =>
    withTeam([notify({ members: [bob.id], roles: ['admin'], followers: true })], 1, async team => {
      const sql = database()
      const [{ id }] = await sql<[{ id: string }]>`select id from public.tickets where team_id = ${team}`
      await sql`insert into public.ticket_followers (team_id, ticket_id, user_id) values (${team}, ${id}, ${bob.id}), (${team}, ${id}, ${vera.id})`
      await sql`select private.mark_due_clocks(100)`
      await dispatchEvents(new AbortController().signal)
      const told = await sql`
        select notification.user_id, notification.kind, notification.text from public.notifications as notification
        join public.ticket_events as event on event.id = notification.event_id
        where notification.team_id = ${team} and event.type = 'ticket.escalated' order by notification.user_id`
      const text = 'Resolution is overdue (escalation of the SLA policy “All”)'
      expect(told).toEqual(
        [adam, bob, vera].map(({ id }) => ({ user_id: id, kind: 'sla', text })).sort((a, b) => (a.user_id < b.user_id ? -1 : 1))
      )
    }))
})
