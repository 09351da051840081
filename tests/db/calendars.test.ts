import { describe, expect, test } from 'vitest'
import type { TransactionSql } from 'postgres'
import { addOpen, CalendarHorizonError, openBetween, openIntervals } from '#shared/sla/calendar'
import { as, service, session } from '../support/as.ts'
import { randomCalendar } from '../support/calendar-cases.ts'
import { insertCalendar, officeHours } from '../support/calendars.ts'
import { createRandom } from '../support/random.ts'
import { tellStory } from '../support/sla-story.ts'
import { acme, adam, ann, bob } from '../support/world.ts'

const dayMs = 86_400_000
const iso = (at: number) => new Date(at).toISOString()
const office = { time_zone: 'Europe/Berlin', hours: officeHours, holidays: [{ date: '2026-12-25' }] }
const winter = { from: Date.parse('2026-11-01'), until: Date.parse('2027-02-01') }

async function add(sql: TransactionSql, calendar: string | null, start: string, seconds: number): Promise<string> {
  const [row] = await sql<[{ due: Date }]>`select private.add_open(${calendar}, ${start}, ${seconds}) as due`
  return row.due.toISOString().replace('.000Z', 'Z')
}

async function between(sql: TransactionSql, calendar: string | null, a: string, b: string): Promise<number> {
  const [row] = await sql<[{ seconds: string }]>`select private.open_between(${calendar}, ${a}, ${b}) as seconds`
  return Number(row.seconds)
}

describe('private.add_open() and private.open_between()', () => {
  test('agree with shared/sla/calendar.ts in 2,000 random cases', () =>
    session(service, async ({ sql }) => {
      for (let seed = 1; seed <= 100; seed++) {
        const random = createRandom(seed)
        const calendar = randomCalendar(random)
        const period = openIntervals(calendar.rules, calendar.from, calendar.until)
        const id = await insertCalendar(sql, acme.id, { name: `Calendar ${seed}`, ...calendar })
        const samples = Array.from({ length: 20 }, () => {
          const start = calendar.from + random(20 * dayMs)
          return { start, end: start + random(20 * dayMs), seconds: random(5) === 0 ? random(2) : random(300_000) }
        }).filter(({ start, seconds }) => {
          try {
            return addOpen(period, start, seconds)
          } catch (error) {
            if (error instanceof CalendarHorizonError) return false // the test below
            throw error
          }
        })
        const answers = await sql<{ due: Date; open: string }[]>`
          select private.add_open(${id}, sample.start, sample.seconds) as due, private.open_between(${id}, sample.start, sample.ended) as open
          from unnest(${samples.map(({ start }) => iso(start))}::timestamptz[], ${samples.map(({ end }) => iso(end))}::timestamptz[],
            ${samples.map(({ seconds }) => seconds)}::bigint[]) with ordinality as sample (start, ended, seconds, number) order by sample.number`
        expect(
          answers.map(({ due, open }) => [due.getTime(), Number(open)]),
          `seed ${seed}`
        ).toEqual(samples.map(({ start, end, seconds }) => [addOpen(period, start, seconds), openBetween(period, start, end)]))
        await sql`delete from calendars where id = ${id}`
      }
    }))

  test.each([
    ['Friday evening is due on Monday', '2026-12-04T15:30:00Z', 3600, '2026-12-07T08:30:00Z'],
    ['what ends exactly at closing is due at closing', '2026-12-04T15:00:00Z', 3600, '2026-12-04T16:00:00Z'],
    ['one second more is due behind the next opening', '2026-12-04T15:00:00Z', 3601, '2026-12-07T08:00:01Z'],
    ['a holiday is not counted', '2026-12-24T15:59:59Z', 2, '2026-12-28T08:00:01Z'],
    ['fractions of a second of the start are cut', '2026-12-01T08:00:00.999Z', 60, '2026-12-01T08:01:00Z'],
    ['0 seconds in open hours are the start', '2026-12-01T08:00:00.5Z', 0, '2026-12-01T08:00:00Z'],
    ['0 seconds at closing time are the next opening', '2026-12-01T16:00:00Z', 0, '2026-12-02T08:00:00Z'],
    ['0 seconds before the first opening are that opening', '2026-11-01T00:00:00Z', 0, '2026-11-02T08:00:00Z']
  ])('%s', (_, start, seconds, due) =>
    session(service, async ({ sql }) => {
      const id = await insertCalendar(sql, acme.id, { name: 'Berlin', rules: office, ...winter })
      expect(await add(sql, id, start, seconds)).toBe(due)
    })
  )

  test('count every second without a calendar', () =>
    session(service, async ({ sql }) => {
      expect(await add(sql, null, '2026-12-05T12:00:00.7Z', 90)).toBe('2026-12-05T12:01:30Z')
      expect(await between(sql, null, '2026-12-05T12:00:00.7Z', '2026-12-05T12:01:30.2Z')).toBe(90)
      expect(await between(sql, null, '2026-12-05', '2026-12-04')).toBe(0)
    }))

  test('count nothing to an earlier or the same instant', () =>
    session(service, async ({ sql }) => {
      const id = await insertCalendar(sql, acme.id, { name: 'Berlin', rules: office, ...winter })
      expect(await between(sql, id, '2026-12-02T10:00:00Z', '2026-12-01T10:00:00Z')).toBe(0)
      expect(await between(sql, id, '2026-12-02T10:00:00.1Z', '2026-12-02T10:00:00.9Z')).toBe(0)
      expect(await between(sql, id, '2026-12-01T10:00:00Z', '2026-12-02T10:00:00Z')).toBe(8 * 3600)
    }))

  test('raise calendar_horizon for instants that the calendar does not cover', () =>
    session(service, async ({ sql, refusal }) => {
      const week = { from: Date.parse('2026-11-30'), until: Date.parse('2026-12-05') }
      const id = await insertCalendar(sql, acme.id, { name: 'Berlin', rules: office, ...week })
      for (const attempt of [
        (sql: TransactionSql) => add(sql, id, '2026-11-29T23:59:59Z', 1),
        (sql: TransactionSql) => add(sql, id, '2026-12-05T00:00:01Z', 1),
        (sql: TransactionSql) => add(sql, id, '2026-11-30T00:00:00Z', 5 * 28_800 + 1),
        (sql: TransactionSql) => add(sql, id, '2026-12-04T18:00:00Z', 0),
        (sql: TransactionSql) => between(sql, id, '2026-11-29T00:00:00Z', '2026-12-01T00:00:00Z'),
        (sql: TransactionSql) => between(sql, id, '2026-12-01T00:00:00Z', '2026-12-06T00:00:00Z'),
        (sql: TransactionSql) => add(sql, 'aaaaaaaa-0000-4000-8000-00000000ffff', '2026-12-01T00:00:00Z', 1)
      ])
        expect(await refusal(attempt)).toMatchObject({ code: 'PT422', detail: 'calendar_horizon' })
      expect(await add(sql, id, '2026-11-30T00:00:00Z', 5 * 28_800)).toBe('2026-12-04T16:00:00Z')
      expect(await between(sql, id, '2026-11-30T00:00:00Z', '2026-12-05T00:00:00Z')).toBe(5 * 28_800)
      expect((await refusal(sql => add(sql, id, '2026-12-01T00:00:00Z', -1))).code).toBe('22023')
    }))

  test('read two rows of the index, however many intervals there are', () =>
    session(service, async ({ sql }) => {
      await sql`set local enable_seqscan = off`
      for (const condition of [
        "opens_at <= '2026-12-01' order by opens_at desc",
        'before_seconds < 1000000 order by before_seconds desc'
      ]) {
        const plan = await sql.unsafe<{ 'QUERY PLAN': string }[]>(
          `explain (costs off) select * from private.calendar_intervals where calendar_id = '${acme.calendar}' and ${condition} limit 1`
        )
        expect(plan.map(row => row['QUERY PLAN']).join('\n')).toMatch(
          /^Limit\n {2}-> {2}Index Scan Backward using \S+ on calendar_intervals/
        )
      }
    }))
})

describe('private.save_calendar()', () => {
  const coverage = { from: '2026-01-01T00:00:00Z', until: '2032-01-01T00:00:00Z', time_zone_data: '2026a' }
  const state = {
    name: 'Late shift',
    time_zone: 'Europe/Berlin',
    country: 'DE',
    region: 'BY',
    hours: [
      { weekday: 1, opens: '22:00', closes: '24:00' },
      { weekday: 2, opens: '00:00', closes: '06:00' }
    ],
    holidays: [{ date: '2026-12-25', name: 'Christmas', source: 'country' }]
  }
  const save = (
    sql: TransactionSql,
    { id = null, version = null, change = {} }: { id?: string | null; version?: number | null; change?: Partial<typeof state> } = {}
  ) => {
    const opens = ['2026-01-05T21:00:00Z', '2026-01-12T21:00:00Z']
    const closes = ['2026-01-06T05:00:00Z', '2026-01-13T05:00:00Z']
    return sql<[{ id: string }]>`
      select private.save_calendar(${acme.id}, ${id}, ${version}, ${sql.json({ ...state, ...change })}, ${sql.json(coverage)}, ${opens}, ${closes}) as id`
  }
  const lastEvent = (sql: TransactionSql) =>
    sql`select type, actor_id, "from", "to" from ticket_events where team_id = ${acme.id} order by id desc limit 1`

  test('stores hours, holidays and intervals with the sum of the seconds before each, and records the creation', () =>
    session(adam, async ({ sql, become }) => {
      const [{ id }] = await save(sql)
      expect(await sql`select name, time_zone, country, region, version, created_by from calendars where id = ${id}`).toEqual([
        { name: 'Late shift', time_zone: 'Europe/Berlin', country: 'DE', region: 'BY', version: 1, created_by: adam.id }
      ])
      expect(await sql`select weekday, opens, closes from calendar_hours where calendar_id = ${id} order by weekday`).toEqual([
        { weekday: 1, opens: '22:00:00', closes: '24:00:00' },
        { weekday: 2, opens: '00:00:00', closes: '06:00:00' }
      ])
      expect(await lastEvent(sql)).toEqual([{ type: 'calendar.created', actor_id: adam.id, from: null, to: { id, name: 'Late shift' } }])
      await become(service)
      expect(await sql`select before_seconds from private.calendar_intervals where calendar_id = ${id} order by opens_at`).toEqual([
        { before_seconds: '0' },
        { before_seconds: '28800' }
      ])
    }))

  test('raises the version and records what changed; without a change it does neither', () =>
    session(ann, async ({ sql }) => {
      const [{ id }] = await save(sql)
      const count = async () => (await sql`select id from ticket_events where team_id = ${acme.id}`).length
      const before = await count()
      await save(sql, { id, version: 1 })
      expect(await count()).toBe(before)
      expect(await sql`select version from calendars where id = ${id}`).toEqual([{ version: 1 }])
      const change = {
        hours: [{ weekday: 1, opens: '22:00', closes: '24:00' }],
        holidays: [{ date: '2026-12-26', name: 'Boxing Day', source: 'manual' }]
      }
      await save(sql, { id, version: 1, change })
      expect(await sql`select version from calendars where id = ${id}`).toEqual([{ version: 2 }])
      expect(await lastEvent(sql)).toEqual([
        {
          type: 'calendar.updated',
          actor_id: ann.id,
          from: { id, name: 'Late shift', hours: state.hours, holidays: [{ date: '2026-12-25', name: 'Christmas' }] },
          to: { id, name: 'Late shift', hours: change.hours, holidays: [{ date: '2026-12-26', name: 'Boxing Day' }], open_clocks: 0 }
        }
      ])
    }))

  test('tells how many open clocks follow a change; ended ones do not', () =>
    session(service, async session => {
      const story = await tellStory(session, '2026-06-01T09:00')
      await story.agentReplies()
      await story.clientReplies()
      const states = (await story.clocks()).map(({ metric, state }) => [metric, state])
      expect(states).toEqual([
        ['first_response', 'achieved'],
        ['next_response', 'pending'],
        ['resolution', 'pending']
      ])
      await session.as(adam, sql => save(sql, { id: story.calendar, version: 1 }))
      expect(await lastEvent(session.sql)).toMatchObject([{ type: 'calendar.updated', to: { id: story.calendar, open_clocks: 2 } }])
    }))

  test('refuses a change of a version that is no longer the newest', () =>
    session(ann, async ({ sql, refusal }) => {
      const [{ id }] = await save(sql)
      await save(sql, { id, version: 1, change: { name: 'Other' } })
      expect(await refusal(sql => save(sql, { id, version: 1, change: { name: 'Third' } }))).toMatchObject({ code: 'PT409' })
    }))

  test('refuses an unknown zone, a taken name, and hours that end before they begin', () =>
    session(ann, async ({ sql, refusal }) => {
      expect(await refusal(sql => save(sql, { change: { time_zone: 'Mars/Olympus' } }))).toMatchObject({
        code: 'PT400',
        detail: 'time_zone'
      })
      expect((await refusal(sql => save(sql, { change: { name: 'Day and night' } }))).code).toBe('23505')
      const hours = [{ weekday: 1, opens: '17:00', closes: '09:00' }]
      expect((await refusal(sql => save(sql, { change: { hours } }))).code).toBe('23514')
      expect(await sql`select id from calendars where name = 'Late shift'`).toEqual([])
    }))
})

describe('private.renew_calendar()', () => {
  const rules = { time_zone: 'UTC', hours: officeHours, holidays: [] }
  const today = Math.floor(Date.now() / dayMs) * dayMs
  const renew = async (sql: TransactionSql, id: string, shiftMs: number) => {
    const { intervals } = openIntervals(rules, today - 10 * dayMs, today + 60 * dayMs)
    const instants = (values: number[]) => values.map(value => iso(value))
    const coverage = { from: iso(today - 10 * dayMs), until: iso(today + 60 * dayMs), time_zone_data: '2099z' }
    const [row] = await sql<[{ moved: boolean }]>`
      select private.renew_calendar(${id}, 1, ${sql.json([{ date: '2030-01-01', name: 'New Year' }])}, ${sql.json(coverage)},
        ${instants(intervals.map(({ opensAt }) => opensAt + shiftMs))}, ${instants(intervals.map(({ closesAt }) => closesAt + shiftMs))}) as moved`
    return row.moved
  }

  test('extends a calendar without a new version', () =>
    session(service, async ({ sql }) => {
      const id = await insertCalendar(sql, acme.id, { name: 'Short', rules, from: today - 10 * dayMs, until: today + 30 * dayMs })
      expect(await renew(sql, id, 0)).toBe(false)
      const [calendar] = await sql`select version, covered_until, time_zone_data from calendars where id = ${id}`
      expect(calendar).toEqual({ version: 1, covered_until: new Date(today + 60 * dayMs), time_zone_data: '2099z' })
      expect(await sql`select date::text, source from calendar_holidays where calendar_id = ${id}`).toEqual([
        { date: '2030-01-01', source: 'country' }
      ])
    }))

  test('raises the version and records it when intervals of the future have moved', () =>
    session(service, async ({ sql }) => {
      const id = await insertCalendar(sql, acme.id, { name: 'Short', rules, from: today - 10 * dayMs, until: today + 30 * dayMs })
      expect(await renew(sql, id, 3_600_000)).toBe(true)
      expect(await sql`select version from calendars where id = ${id}`).toEqual([{ version: 2 }])
      const [event] = await sql`select type, channel, "to" from ticket_events where team_id = ${acme.id} order by id desc limit 1`
      expect(event).toEqual({
        type: 'calendar.updated',
        channel: 'job',
        to: { id, name: 'Short', time_zone_data: '2099z', open_clocks: 0 }
      })
    }))

  test('leaves a calendar alone that somebody changed meanwhile', () =>
    session(service, async ({ sql }) => {
      const id = await insertCalendar(sql, acme.id, { name: 'Short', rules, from: today - 10 * dayMs, until: today + 30 * dayMs })
      await sql`update calendars set version = 2 where id = ${id}`
      expect(await renew(sql, id, 3_600_000)).toBe(false)
      expect(await sql`select time_zone_data from calendars where id = ${id}`).toEqual([{ time_zone_data: process.versions.tz }])
    }))
})

describe('calendars', () => {
  test('a deleted calendar takes its hours, holidays and intervals with it, and is recorded', () =>
    session(adam, async ({ sql, become }) => {
      await sql`delete from calendars where id = ${acme.calendar}`
      const [event] = await sql`select type, "from" from ticket_events where team_id = ${acme.id} order by id desc limit 1`
      expect(event).toEqual({ type: 'calendar.deleted', from: { id: acme.calendar, name: 'Day and night' } })
      await become(service)
      for (const table of ['public.calendar_hours', 'public.calendar_holidays', 'private.calendar_intervals'])
        expect(await sql`select from ${sql(table)} where calendar_id = ${acme.calendar}`, table).toHaveLength(0)
    }))

  test('a calendar that clocks count is hidden, whatever their number, and they go on with its hours', () =>
    session(service, async session => {
      const { as, become, refusal } = session
      const story = await tellStory(session, '2026-06-01T09:00')
      await become(adam)
      const remove = (sql: TransactionSql) => sql`select private.delete_calendar(${acme.id}, ${story.calendar})`
      expect(await refusal(remove)).toMatchObject({ code: 'PT409', detail: 'calendar_used' })
      await as(adam, sql => sql`delete from sla_policies`)
      await as(adam, remove)
      expect(await as(adam, sql => sql`select from calendars where id = ${story.calendar}`)).toEqual([])
      expect(await refusal(remove)).toMatchObject({ code: 'PT404' })
      const deletions = await as(
        service,
        sql => sql`select "from" from ticket_events where team_id = ${acme.id} and type = 'calendar.deleted'`
      )
      expect(deletions).toEqual([{ from: { id: story.calendar, name: 'Office Berlin' } }])

      await story.until('2026-06-01 17:30')
      await story.change({ status: 'resolved' })
      await story.change({ status: 'open' })
      const resolutions = (await story.clocks()).filter(({ metric }) => metric === 'resolution')
      expect(resolutions).toMatchObject([{ state: 'achieved' }, { state: 'pending', due: 'Tue 06-02 10:30' }])
    }))

  test('a policy cannot count the hours of a deleted calendar, whose name is free again', () =>
    session(service, async session => {
      const { sql, become, refusal } = session
      const story = await tellStory(session, '2026-06-01T09:00')
      await sql`delete from sla_policies`
      await become(adam)
      await sql`select private.delete_calendar(${acme.id}, ${story.calendar})`
      const targets = sql.json({ resolution: { normal: 60 } })
      expect(
        await refusal(
          sql =>
            sql`insert into sla_policies ${sql({ team_id: acme.id, name: 'x', targets, calendar_id: story.calendar, created_by: adam.id })}`
        )
      ).toMatchObject({ code: '23503' })
      await become(service)
      await insertCalendar(sql, acme.id, { name: 'Office Berlin' })
    }))

  test('a team has at most 50 calendars', () =>
    session(service, async ({ sql, refusal }) => {
      const insert = (sql: TransactionSql, from: number, to: number) => sql`
        insert into calendars (team_id, name, time_zone, covered_from, covered_until, time_zone_data)
        select ${acme.id}, 'Calendar ' || n, 'UTC', '2026-01-01', '2027-01-01', 'test' from generate_series(${from}::int, ${to}::int) as n`
      await insert(sql, 2, 50)
      expect(await refusal(sql => insert(sql, 51, 51))).toMatchObject({ code: 'PT422', detail: 'calendar_limit' })
    }))

  test('nobody reads or writes the intervals with their own token', async () => {
    const [rights] = await as(
      bob,
      sql => sql`select has_table_privilege('authenticated', 'private.calendar_intervals', 'select, insert, update, delete') as granted`
    )
    expect(rights).toEqual({ granted: false })
  })
})
