import { describe, expect, test } from 'vitest'
import { service, session, type Session } from '../support/as.ts'
import { newTicket } from '../support/contacts.ts'
import { tellStory } from '../support/sla-story.ts'
import { acme, adam, bob } from '../support/world.ts'

type Sql = Session['sql']
const targets = { resolution: { low: 3600, normal: 3600, high: 3600, urgent: 3600 } }

const addPolicy = async (sql: Sql, name: string, conditions: unknown, fields: Record<string, unknown> = {}) => {
  const [{ id }] = await sql<[{ id: string }]>`
    insert into sla_policies ${sql({ team_id: acme.id, name, targets: sql.json(targets), conditions: sql.json(conditions as never), ...fields })}
    returning id`
  return id
}
const policyOf = async (sql: Sql, ticket: string) => {
  const rows = await sql<{ name: string }[]>`
    select policy ->> 'name' as name from sla_clocks where ticket_id = ${ticket} and metric = 'resolution' and state <> 'cancelled'`
  return rows[0]?.name
}

describe('which policy applies', () => {
  test.each<[string, unknown, Record<string, unknown>, boolean]>([
    ['no condition', [], {}, true],
    ['a priority', [{ key: 'priority', values: ['high', 'urgent'], not: false }], { priority: 'urgent' }, true],
    ['another priority', [{ key: 'priority', values: ['high', 'urgent'], not: false }], { priority: 'low' }, false],
    ['a severity', [{ key: 'severity', values: ['1'], not: false }], { severity: 1 }, true],
    ['an excluded severity', [{ key: 'severity', values: ['1'], not: true }], { severity: 1 }, false],
    ['a category by its key', [{ key: 'category', values: ['bug'], not: false }], { category: 'bug' }, true],
    ['a category by its name', [{ key: 'category', values: ['Feature REQUEST'], not: false }], { category: 'feature_request' }, true],
    ['another category', [{ key: 'category', values: ['bug'], not: false }], { category: 'billing' }, false],
    ['a channel', [{ key: 'channel', values: ['agent'], not: false }], {}, true],
    ['a project', [{ key: 'project', values: ['website'], not: false }], { project_id: acme.project }, true],
    ['no project', [{ key: 'project', values: ['website'], not: false }], {}, false],
    ['an organization', [{ key: 'organization', values: ['Client Corp'], not: false }], { contact_id: acme.contacts.carla }, true],
    ['no organization', [{ key: 'organization', values: ['Client Corp'], not: false }], { contact_id: acme.contacts.mona }, false],
    ['a tier', [{ key: 'tier', values: ['gold'], not: false }], { contact_id: acme.contacts.carla }, true],
    [
      'one of two conditions',
      [
        { key: 'priority', values: ['high'], not: false },
        { key: 'category', values: ['bug'], not: false }
      ],
      { priority: 'high', category: 'billing' },
      false
    ]
  ])('%s', (_, conditions, fields, matches) =>
    session(service, async ({ sql, as }) => {
      await sql`update organizations set tier = 'Gold' where id = ${acme.organization}`
      await addPolicy(sql, 'Tried', conditions)
      const ticket = await as(bob, sql => newTicket(sql, bob, fields))
      expect(await policyOf(sql, ticket)).toBe(matches ? 'Tried' : undefined)
    })
  )

  test('the first active policy that matches applies, and another one after a change of the ticket', () =>
    session(service, async ({ sql, as }) => {
      const urgent = [{ key: 'priority', values: ['urgent'], not: false }]
      await addPolicy(sql, 'Off', [], { position: 0, is_active: false })
      await addPolicy(sql, 'Urgent', urgent, { position: 1 })
      await addPolicy(sql, 'All', [], { position: 2 })
      const ticket = await as(bob, sql => newTicket(sql, bob, {}))
      expect(await policyOf(sql, ticket)).toBe('All')
      await as(bob, sql => sql`update tickets set priority = 'urgent' where id = ${ticket}`)
      expect(await policyOf(sql, ticket)).toBe('Urgent')
    }))
})

test.each([
  ['conditions', '[{"key": "status", "values": ["open"], "not": false}]'],
  ['conditions', '[{"key": "tag", "values": [], "not": false}]'],
  ['conditions', '[{"key": "tag", "values": [1], "not": false}]'],
  ['conditions', '{}'],
  ['targets', '{}'],
  ['targets', '{"resolution": {"1": 60}}'],
  ['targets', '{"resolution": {"low": 59}}'],
  ['targets', '{"resolution": {"low": 60.5}}'],
  ['targets', '{"resolution": {"low": "60"}}'],
  ['targets', '{"other": {"low": 60}}'],
  ['pauses', '{"first_response": ["waiting"]}'],
  ['pauses', '{"resolution": ["resolved"]}']
])('a policy with the %s %s is refused, also through the Data API', (column, value) =>
  session(adam, async ({ refusal }) => {
    expect(
      (
        await refusal(
          sql => sql`update sla_policies set ${sql({ [column]: sql.json(JSON.parse(value) as never) })} where id = ${acme.policy}`
        )
      ).code
    ).toBe('23514')
  })
)

test('a policy is at most the fiftieth of its team', () =>
  session(service, async ({ sql, refusal }) => {
    for (let count = 2; count <= 50; count++) await addPolicy(sql, `Policy ${count}`, [], { is_active: false })
    expect(await refusal(sql => addPolicy(sql, 'One more', []))).toMatchObject({ code: 'PT422', detail: 'policy_limit' })
  }))

test('applying the policies gives open tickets their clocks, counted from the start with their pauses, and leaves ended ones alone', () =>
  session(service, async session => {
    const { sql } = session
    const story = await tellStory(session, '2026-06-01T09:00', { is_active: false })
    expect(await story.clocks()).toEqual([])
    await story.until('2026-06-01 10:00')
    await story.change({ status: 'waiting' })
    await story.until('2026-06-01 11:00')
    await story.change({ status: 'open' })
    await story.until('2026-06-01 11:30')
    await sql`update sla_policies set is_active = true where name = 'Standard' and team_id = ${acme.id} and calendar_id = ${story.calendar}`
    await sql`select private.reapply_policy(${acme.id}, ${story.ticket})`
    expect(await story.clocks()).toMatchObject([
      { metric: 'first_response', started: 'Mon 06-01 09:00', due: 'Mon 06-01 10:00' },
      // 8 h with an hour of waiting: 1 h before it, 1.5 h until lunch, 4.75 h on Monday afternoon, 0.75 h on Tuesday
      { metric: 'resolution', started: 'Mon 06-01 09:00', due: 'Tue 06-02 09:45' }
    ])
    expect(await story.differences()).toEqual([])
    await story.agentReplies()
    await sql`update sla_policies set targets = ${sql.json({ first_response: { normal: 60 }, resolution: { normal: 3600 } })} where calendar_id = ${story.calendar}`
    await sql`select private.reapply_policy(${acme.id}, ${story.ticket})`
    expect(await story.clocks()).toMatchObject([
      { metric: 'first_response', state: 'missed', due: 'Mon 06-01 10:00' },
      { metric: 'resolution', due: 'Mon 06-01 10:00' }
    ])
  }))

test('a job applies the policies to every open ticket of the team', () =>
  session(adam, async ({ sql, as }) => {
    const [{ count }] = await sql<[{ count: number }]>`select private.request_policies(${acme.id}) as count`
    await as(service, async sql => {
      await addPolicy(sql, 'All', [])
      const [{ open }] = await sql<[{ open: number }]>`
        select count(*)::integer as open from tickets where team_id = ${acme.id} and status not in ('resolved', 'closed')`
      expect(count).toBe(open)
      const [{ id }] = await sql<[{ id: string }]>`select id from private.cleanups where kind = 'policies'`
      expect(await sql`select private.continue_cleanup(${id}) as is_unfinished`).toEqual([{ is_unfinished: false }])
      const [{ clocks }] = await sql<[{ clocks: number }]>`
        select count(*)::integer as clocks from sla_clocks where team_id = ${acme.id} and state = 'pending'`
      expect(
        await sql`select actor_id, "from", "to" from ticket_events where team_id = ${acme.id} and type = 'policy.applied'`,
        'the audit log says how many clocks moved'
      ).toEqual([{ actor_id: adam.id, from: null, to: { moved_clocks: clocks } }])
      expect(clocks).toBeGreaterThan(0)
      expect(
        await sql`select count(distinct ticket_id)::integer as count from sla_clocks where team_id = ${acme.id} and state = 'pending'`
      ).toEqual([{ count: open }])
    })
  }))

test('the open clocks of a calendar follow a change of its hours, and ended ones do not', () =>
  session(service, async session => {
    const { sql } = session
    const story = await tellStory(session, '2026-06-01T17:30')
    await story.agentReplies()
    await story.until('2026-06-01 17:45')
    // Tomorrow is a holiday.
    await sql`delete from private.calendar_intervals where calendar_id = ${story.calendar} and opens_at between now() and now() + interval '25 hours'`
    await sql`update private.calendar_intervals as span set before_seconds = sums.before from (
        select opens_at, coalesce(sum(extract(epoch from closes_at - opens_at)) over (order by opens_at rows between unbounded preceding and 1 preceding), 0) - 1000000000 as before
        from private.calendar_intervals where calendar_id = ${story.calendar}
      ) as sums where span.calendar_id = ${story.calendar} and span.opens_at = sums.opens_at`
    await sql`update private.calendar_intervals set before_seconds = before_seconds + 1000000000 where calendar_id = ${story.calendar}`
    await sql`update calendars set version = version + 1 where id = ${story.calendar}`
    expect(await story.clocks()).toMatchObject([
      { metric: 'first_response', state: 'achieved' },
      // half an hour on Monday, 7.5 h on Wednesday
      { metric: 'resolution', due: 'Wed 06-03 17:15' }
    ])
    expect(await story.shown()).toMatchObject({ due: 'Wed 06-03 17:15' })
  }))

test('each change of a policy is in the audit log, with what differs', () =>
  session(adam, async ({ sql, as }) => {
    await sql`update sla_policies set name = 'Gold', warn_percent = 50 where id = ${acme.policy}`
    await sql`delete from sla_policies where id = ${acme.policy}`
    const rows = await as(
      service,
      sql => sql`
      select type, "from", "to" from ticket_events where team_id = ${acme.id} and type like 'policy.%' order by id desc limit 2`
    )
    expect(rows).toMatchObject([
      { type: 'policy.deleted', from: { name: 'Gold' }, to: null },
      {
        type: 'policy.updated',
        from: { id: acme.policy, name: 'Standard', warn_percent: 80 },
        to: { id: acme.policy, name: 'Gold', warn_percent: 50 }
      }
    ])
  }))
