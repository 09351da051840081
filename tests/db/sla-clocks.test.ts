import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { database, session, service } from '../support/as.ts'
import { addTeam, ann } from '../support/world.ts'
import { tellStory, type Clock, type Story } from '../support/sla-story.ts'

const tell = (start: string, work: (story: Story) => Promise<void>, policy?: Record<string, unknown>) =>
  session(service, async session => {
    const story = await tellStory(session, start, policy)
    await work(story)
    expect(await story.differences()).toEqual([])
  })

/** The clock of a metric, in its last cycle. */
const clock = async (story: Story, metric: string): Promise<Partial<Clock>> =>
  (await story.clocks()).findLast(entry => entry.metric === metric) ?? {}

test('a first response that nobody gives is warned of and breached in open hours only', () =>
  tell('2026-06-05T17:45', async story => {
    expect(await clock(story, 'first_response')).toMatchObject({ due: 'Mon 06-08 09:45', warn: 'Mon 06-08 09:33' })
    await story.until('2026-06-06 12:00')
    expect(await story.markDue()).toBe(0)
    await story.until('2026-06-08 09:33')
    expect(await story.markDue()).toBe(1)
    expect(await story.shown()).toEqual({ metric: 'first_response', state: 'imminent', due: 'Mon 06-08 09:45' })
    expect(await story.markDue()).toBe(0)
    await story.until('2026-06-08 09:45')
    expect(await story.markDue()).toBe(1)
    expect(await clock(story, 'first_response')).toMatchObject({ state: 'breached' })
    expect(await story.events()).toEqual(['warning first_response', 'breached first_response'])
  }))

test('an internal note is no response', () =>
  tell('2026-06-05T17:45', async story => {
    await story.until('2026-06-05 17:50')
    await story.agentNotes()
    expect(await clock(story, 'first_response')).toMatchObject({ state: 'pending', due: 'Mon 06-08 09:45' })
  }))

test('a second message of the client before the answer does not restart the clock of the next response', () =>
  tell('2026-06-01T09:00', async story => {
    await story.until('2026-06-01 09:30')
    await story.agentReplies()
    await story.until('2026-06-01 10:00')
    await story.clientReplies()
    await story.until('2026-06-01 11:00')
    await story.clientReplies()
    expect(await clock(story, 'next_response')).toMatchObject({ cycle: 1, started: 'Mon 06-01 10:00', due: 'Mon 06-01 12:00' })
    await story.agentNotes()
    expect(await clock(story, 'next_response')).toMatchObject({ state: 'pending' })
    await story.until('2026-06-01 11:45')
    await story.agentReplies()
    expect(await clock(story, 'next_response')).toMatchObject({ state: 'achieved', ended: 'Mon 06-01 11:45', remaining: 15 * 60 })
  }))

test('while the first response is open, messages of the client start no other clock', () =>
  tell('2026-06-01T09:00', async story => {
    await story.until('2026-06-01 09:20')
    await story.clientReplies()
    expect((await story.clocks()).map(({ metric }) => metric)).toEqual(['first_response', 'resolution'])
    await story.until('2026-06-01 09:40')
    await story.agentReplies()
    expect(await clock(story, 'first_response')).toMatchObject({ state: 'achieved', remaining: 20 * 60 })
    expect(await clock(story, 'next_response')).toEqual({})
  }))

test('waiting for the client pauses the resolution; their message starts the next response', () =>
  tell('2026-06-01T09:00', async story => {
    await story.until('2026-06-01 10:00')
    await story.agentReplies()
    await story.change({ status: 'waiting' })
    expect(await clock(story, 'resolution')).toMatchObject({ due: null, remaining: 7 * 3600 })
    expect(await story.shown()).toEqual({ metric: 'resolution', state: 'paused', due: null })
    await story.until('2026-06-02 10:00')
    await story.change({ status: 'open' })
    await story.clientReplies()
    // 7 h from Tuesday 10:00: 2.5 h until lunch, 4.5 h of the 4.75 h after it.
    expect(await clock(story, 'resolution')).toMatchObject({ due: 'Tue 06-02 17:45' })
    expect(await clock(story, 'next_response')).toMatchObject({ started: 'Tue 06-02 10:00', due: 'Tue 06-02 12:00' })
    expect(await story.shown()).toEqual({ metric: 'next_response', state: 'pending', due: 'Tue 06-02 12:00' })
  }))

test('three weeks of waiting count nothing when the ticket is resolved in one step', () =>
  tell('2026-06-01T09:00', async story => {
    await story.until('2026-06-01 10:00')
    await story.agentReplies()
    await story.change({ status: 'waiting' })
    await story.until('2026-06-22 10:00')
    await story.change({ status: 'resolved' })
    expect(await clock(story, 'resolution')).toMatchObject({ state: 'achieved', remaining: 7 * 3600 })
    expect(await story.shown()).toEqual({ metric: null, state: null, due: null })
  }))

test('a reopened ticket keeps the result of the first resolution, and has what was left', () =>
  tell('2026-06-01T09:00', async story => {
    await story.until('2026-06-01 10:00')
    await story.agentReplies()
    await story.change({ status: 'resolved' })
    await story.until('2026-06-15 09:00')
    await story.change({ status: 'open' })
    const resolutions = (await story.clocks()).filter(({ metric }) => metric === 'resolution')
    expect(resolutions).toMatchObject([
      { cycle: 1, state: 'achieved', remaining: 7 * 3600 },
      // 7 h: 3.5 h until lunch, 3.5 h after it
      { cycle: 2, state: 'pending', started: 'Mon 06-15 09:00', due: 'Mon 06-15 16:45' }
    ])
  }))

test('a ticket that is reopened after a miss has a quarter of the target, and the miss stays', () =>
  tell('2026-06-01T09:00', async story => {
    await story.until('2026-06-02 12:00')
    await story.markDue()
    await story.agentReplies()
    await story.change({ status: 'resolved' })
    await story.until('2026-06-03 09:00')
    await story.change({ status: 'open' })
    const resolutions = (await story.clocks()).filter(({ metric }) => metric === 'resolution')
    expect(resolutions).toMatchObject([
      { cycle: 1, state: 'missed', remaining: -3.25 * 3600 },
      { cycle: 2, state: 'pending', due: 'Wed 06-03 11:00' }
    ])
  }))

test('another level counts from the same start, and may be over at once', () =>
  tell(
    '2026-06-01T09:00',
    async story => {
      await story.until('2026-06-01 14:00')
      await story.agentReplies()
      await story.change({ severity: 1 })
      expect(await clock(story, 'resolution')).toMatchObject({ due: 'Mon 06-01 11:00', state: 'pending' })
      expect(await story.markDue()).toBe(1)
      expect(await clock(story, 'resolution')).toMatchObject({ state: 'breached' })
      const breach = (await story.changes()).find(({ type }) => type === 'ticket.sla_breached')
      expect(breach).toMatchObject({ to: { change: { type: 'ticket.severity_changed', from: 3, to: 1 } } })
      await story.change({ severity: 3 })
      expect(await clock(story, 'resolution')).toMatchObject({ due: 'Mon 06-01 17:45', state: 'pending' })
      expect(await story.events()).toEqual(['breached resolution'])
    },
    { target_by: 'severity', targets: { resolution: { 1: 2 * 3600, 3: 8 * 3600 } } }
  ))

test('a level without a target ends its clock without a result', () =>
  tell(
    '2026-06-01T09:00',
    async story => {
      await story.change({ severity: 5 })
      expect(await story.clocks()).toMatchObject([{ metric: 'resolution', state: 'cancelled', cancel_reason: 'policy_changed' }])
      expect(await story.shown()).toEqual({ metric: null, state: null, due: null })
    },
    { target_by: 'severity', targets: { resolution: { 3: 8 * 3600 } } }
  ))

test('a clock without a calendar counts around the clock', () =>
  tell(
    '2026-06-06T02:30',
    async story => {
      expect(await clock(story, 'first_response')).toMatchObject({ due: 'Sat 06-06 03:30', warn: 'Sat 06-06 03:18' })
    },
    { calendar_id: null }
  ))

test('a deleted policy leaves its clocks as they are', () =>
  session(service, async session => {
    const story = await tellStory(session, '2026-06-01T09:00')
    await session.sql`delete from sla_policies`
    expect(await clock(story, 'first_response')).toMatchObject({ state: 'pending', due: 'Mon 06-01 10:00' })
    await story.until('2026-06-01 09:30')
    await story.agentReplies()
    expect(await clock(story, 'first_response')).toMatchObject({ state: 'achieved' })
  }))

test('an imported ticket has no results, until its client writes again', () =>
  session(service, async session => {
    const story = await tellStory(session, '2026-06-01T09:00')
    const { sql } = session
    await sql`select set_config('switchboard.channel', 'import', true)`
    const [{ id }] = await sql<[{ id: string }]>`
      insert into tickets (team_id, subject, description, channel, created_by, created_at)
      select team_id, 'x', 'x', 'import', created_by, '2019-01-01' from tickets where id = ${story.ticket} returning id`
    await sql`select set_config('switchboard.channel', '', true)`
    expect(await sql`select metric, state, cancel_reason from sla_clocks where ticket_id = ${id} order by metric`).toEqual([
      { metric: 'first_response', state: 'cancelled', cancel_reason: 'imported' },
      { metric: 'resolution', state: 'cancelled', cancel_reason: 'imported' }
    ])
    for (const kind of ['agent', 'requester'])
      await sql`insert into ticket_replies (team_id, ticket_id, user_id, content, author_kind)
        select team_id, id, created_by, 'x', ${kind} from tickets where id = ${id}`
    expect(await sql`select metric, state from sla_clocks where ticket_id = ${id} and state <> 'cancelled'`).toEqual([
      { metric: 'next_response', state: 'pending' }
    ])
  }))

test('a snooze pauses the resolution until the client wakes the ticket', () =>
  tell('2026-06-01T09:00', async story => {
    await story.until('2026-06-01 10:00')
    await story.agentReplies()
    await story.change({ snoozed_until: new Date(Date.now() + 86_400_000) })
    expect(await story.shown()).toEqual({ metric: 'resolution', state: 'paused', due: null })
    await story.until('2026-06-01 14:00')
    await story.clientReplies()
    // 7 h left: 4 h on Monday, 3 h on Tuesday
    expect(await clock(story, 'resolution')).toMatchObject({ due: 'Tue 06-02 12:00' })
    expect(await clock(story, 'next_response')).toMatchObject({ started: 'Mon 06-01 14:00' })
  }))

test('a ticket that is resolved without an answer has no result for the first response', () =>
  tell('2026-06-01T09:00', async story => {
    await story.until('2026-06-01 09:30')
    await story.change({ status: 'resolved' })
    expect(await story.clocks()).toMatchObject([
      { metric: 'first_response', state: 'cancelled', cancel_reason: 'resolved' },
      { metric: 'resolution', state: 'achieved' }
    ])
    expect(await story.events()).toEqual(['met resolution'])
  }))

test('an answer after the due time is a miss, also if the job had not marked it yet', () =>
  tell('2026-06-01T09:00', async story => {
    await story.until('2026-06-01 10:01')
    await story.agentReplies()
    expect(await clock(story, 'first_response')).toMatchObject({ state: 'missed', due: 'Mon 06-01 10:00', remaining: -60 })
    expect(await story.events()).toEqual(['breached first_response'])
  }))

test('what ends exactly at closing time is due then, and an answer before the next opening is late', () =>
  tell('2026-06-05T17:00', async story => {
    expect(await clock(story, 'first_response')).toMatchObject({ due: 'Fri 06-05 18:00' })
    await story.until('2026-06-05 19:00')
    await story.agentReplies()
    expect(await clock(story, 'first_response')).toMatchObject({ state: 'missed', remaining: 0 })
  }))

test('a warning that was missed at night comes at the next opening; a breach that was missed comes at once', () =>
  tell('2026-06-05T17:05', async story => {
    await story.until('2026-06-05 20:00') // the server was down from 17:05 on
    expect(await story.markDue()).toBe(1) // puts the warning of the first response off
    expect(await clock(story, 'first_response')).toMatchObject({ state: 'pending', warn: 'Mon 06-08 09:00' })
    await story.until('2026-06-08 09:00')
    expect(await story.markDue()).toBe(1)
    await story.until('2026-06-08 23:00')
    expect(await story.markDue()).toBe(2)
    expect(await story.events()).toEqual(['warning first_response', 'breached first_response', 'breached resolution'])
    const breaches = (await story.changes()).filter(({ type }) => type === 'ticket.sla_breached')
    expect(breaches).toMatchObject([{ to: { change: null } }, { to: { change: null } }])
  }))

test('a message that is deleted before its answer leaves no result', () =>
  tell('2026-06-01T09:00', async story => {
    await story.until('2026-06-01 09:30')
    await story.agentReplies()
    await story.until('2026-06-01 10:00')
    await story.clientReplies()
    await story.deleteReply('requester')
    expect(await clock(story, 'next_response')).toMatchObject({ state: 'cancelled', cancel_reason: 'message_deleted' })
  }))

test('a tag can choose the policy', () =>
  session(service, async session => {
    const story = await tellStory(session, '2026-06-01T09:00', { name: 'Everybody', position: 2 })
    const targets = { first_response: { normal: 600 } }
    await session.sql`insert into sla_policies ${session.sql({
      team_id: (await session.sql`select team_id from tickets where id = ${story.ticket}`)[0]!.team_id as string,
      name: 'Important',
      position: 1,
      conditions: session.sql.json([{ key: 'tag', values: ['vip'], not: false }]),
      targets: session.sql.json(targets)
    })}`
    await session.sql`insert into ticket_tags (team_id, ticket_id, tag) select team_id, id, 'vip' from tickets where id = ${story.ticket}`
    expect(await story.clocks()).toMatchObject([
      { metric: 'first_response', due: 'Mon 06-01 09:10' },
      { metric: 'resolution', state: 'cancelled', cancel_reason: 'policy_changed' }
    ])
    await session.sql`delete from ticket_tags where ticket_id = ${story.ticket}`
    expect(await clock(story, 'first_response')).toMatchObject({ due: 'Mon 06-01 10:00' })
  }))

test('four servers mark each due clock once', async () => {
  const team_id = randomUUID()
  const count = 300
  const sql = database()
  await sql.begin(sql => addTeam(sql, team_id, [ann]))
  try {
    const levels = { low: 60, normal: 60, high: 60, urgent: 60 }
    await sql`insert into public.sla_policies ${sql({ team_id, name: 'All', targets: sql.json({ resolution: levels }) })}`
    await sql`insert into public.tickets (team_id, subject, description, created_by)
      select ${team_id}, 'x', 'x', ${ann.id} from generate_series(1, ${count})`
    await sql`update public.sla_clocks set warn_at = now() - interval '1 second' where team_id = ${team_id}`
    const markAll = async () => {
      let marked = 0
      for (let step = 1; step > 0; marked += step) step = (await sql<[{ step: number }]>`select private.mark_due_clocks(7) as step`)[0].step
      return marked
    }
    const marked = await Promise.all([markAll(), markAll(), markAll(), markAll()])
    expect(marked.reduce((sum, one) => sum + one, 0)).toBe(count)
    expect(
      await sql`
      select count(*)::integer as events, count(distinct ticket_id)::integer as tickets from public.ticket_events
      where team_id = ${team_id} and type = 'ticket.sla_warning'`
    ).toEqual([{ events: count, tickets: count }])
  } finally {
    await sql`delete from public.teams where id = ${team_id}`
  }
})
