import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ticketQuery } from '#shared/schemas/ticket'
import { dayStart } from '#shared/utils/day'
import { asService } from '#server/db/identity'
import { closePool, configureDatabase } from '#server/db/pool'
import type { Db } from '#server/db/types'
import { getReport } from '#server/domain/report'
import { getStats } from '#server/domain/stats'
import { listTickets } from '#server/domain/ticket/list'
import { as, databaseUrl, service } from '../support/as.ts'
import { ann } from '../support/world.ts'

// Zones whose clocks change (or changed) at or near midnight, and some whose clocks never change.
const zones = [
  'America/Havana',
  'Asia/Beirut',
  'Africa/Cairo',
  'America/Sao_Paulo',
  'America/Asuncion',
  'America/Santiago',
  'Atlantic/Azores',
  'America/Scoresbysund',
  'America/Nuuk',
  'Asia/Gaza',
  'Asia/Damascus',
  'Asia/Amman',
  'Asia/Tehran',
  'America/St_Johns',
  'America/Campo_Grande',
  'Asia/Baghdad',
  'Pacific/Apia',
  'Pacific/Kwajalein',
  'Pacific/Kiritimati',
  'Australia/Lord_Howe',
  'Antarctica/Troll',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kathmandu',
  'UTC'
]
const dayMs = 86_400_000
const dayAt = (number: number) => new Date(number * dayMs).toISOString().slice(0, 10)

describe('private.day_start() and dayStart()', () => {
  test.each(zones)('the start of a day is the same in SQL and TypeScript around every clock change in %s', async zone => {
    const changes = await as(
      service,
      sql => sql<{ number: number }[]>`
      select number from generate_series(${Date.UTC(1990, 0, 1) / dayMs}::int, ${Date.UTC(2031, 0, 1) / dayMs}::int) as number,
      lateral (select date '1970-01-01' + number as day) as known
      where (day + time '12:00') at time zone ${zone} - (day - 1 + time '12:00') at time zone ${zone} <> interval '24 hours'`
    )
    const days = new Set([20_000, ...changes.flatMap(({ number }) => [number - 1, number, number + 1])].map(dayAt))
    const rows = await as(
      service,
      sql => sql<{ day: string; start: string; of_start: string; of_instant_before: string }[]>`
      select day::text, extract(epoch from start) * 1000 as start, private.day_of(start, ${zone})::text as of_start,
      private.day_of(start - interval '1 microsecond', ${zone})::text as of_instant_before
      from unnest(${[...days]}::date[]) as day, lateral (select private.day_start(day, ${zone}) as start) as known`
    )
    expect(rows).toHaveLength(days.size)
    expect(rows.map(({ day, start }) => [day, Number(start)])).toEqual([...days].map(day => [day, dayStart(day, zone)]))
    for (const { day, of_start, of_instant_before } of rows) {
      expect(of_instant_before < day, `${day} has not begun`).toBe(true)
      expect(of_start >= day, `${day} has begun`).toBe(true)
    }
  })

  test.each([
    ['America/Havana', '2026-11-01', '2026-11-01T04:00:00Z'], // midnight comes twice: at 01:00 the clock goes back to 00:00
    ['America/Havana', '2026-03-08', '2026-03-08T05:00:00Z'], // the day begins at 01:00
    ['Asia/Beirut', '2026-10-25', '2026-10-24T22:00:00Z'], // the hour before midnight comes twice
    ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00:00Z'],
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00Z'],
    ['America/St_Johns', '2009-11-01', '2009-11-01T02:30:00Z'], // after one minute the clock goes back to the day before for an hour
    ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00Z'], // a skipped day starts when the next one does
    ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00Z']
  ])('in %s, the day %s starts at %s', async (zone, day, start) => {
    expect(new Date(dayStart(day, zone)).toISOString()).toBe(new Date(start).toISOString())
    const [row] = await as(service, sql => sql<[{ start: Date }]>`select private.day_start(${day}, ${zone}) as start`)
    expect(row.start.toISOString()).toBe(new Date(start).toISOString())
  })
})

describe('report, dashboard, filters and search', () => {
  beforeAll(() => {
    configureDatabase(databaseUrl(), 1)
  })
  afterAll(closePool)

  class RolledBack extends Error {}
  const rollBackAfter = (work: (db: Db) => Promise<void>) =>
    asService('a test', async db => {
      await work(db)
      throw new RolledBack()
    }).catch((error: unknown) => {
      if (!(error instanceof RolledBack)) throw error
    })

  test.each([
    ['America/Havana', '2026-11-01'],
    ['America/St_Johns', '2009-11-01'],
    ['Asia/Beirut', '2026-10-25'],
    ['America/Havana', '2026-03-08'],
    ['Atlantic/Azores', '2026-10-25'],
    ['Europe/Berlin', '2026-03-01']
  ])('report, dashboard, filters and search agree on the boundary of a day: %s, %s', (zone, day) =>
    rollBackAfter(async db => {
      const [team, start] = [randomUUID(), dayStart(day, zone)]
      await sql`insert into teams (id, name, slug, time_zone) values (${team}, 'Days', ${`days-${team.slice(0, 8)}`}, ${zone})`.execute(db)
      await sql`insert into team_members (team_id, user_id, role) values (${team}, ${ann.id}, 'owner')`.execute(db)
      const times = [start - 1000, start, start + 30 * 60_000, start + 90 * 60_000]
      for (const at of times) {
        await sql`
          insert into tickets (team_id, subject, description, status, created_by, created_at, resolved_at)
          values (${team}, 'x', 'x', 'resolved', ${ann.id}, ${new Date(at)}, ${new Date(at)})`.execute(db)
      }
      const count = async (query: object) => (await listTickets(db, { teamId: team, userId: ann.id }, ticketQuery.parse(query))).rows.length
      for (const column of ['created', 'resolved'])
        expect([await count({ [`${column}_from`]: day }), await count({ [`${column}_to`]: day })]).toEqual([3, 1])
      expect([await count({ q: `after:${day}` }), await count({ q: `before:${day}` })]).toEqual([3, 1])

      const now = new Date(start + 3 * dayMs)
      const report = await getReport(db, team, 14, now)
      const dayBefore = dayAt(Date.parse(day) / dayMs - 1)
      expect(report.created_vs_resolved.filter(({ created }) => created > 0)).toEqual([
        { date: dayBefore, created: 1, resolved: 1 },
        { date: day, created: 3, resolved: 3 }
      ])
      const stats = await getStats(db, team, now)
      if (day.endsWith('-01')) expect(stats).toMatchObject({ resolved_this_month: 3, resolved_last_month: 1 })
      else expect(stats).toMatchObject({ resolved_this_month: 4, resolved_last_month: 0 })
      expect(Date.parse(stats.month_start)).toBe(dayStart(`${day.slice(0, 8)}01`, zone))
    })
  )
})
