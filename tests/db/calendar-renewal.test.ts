import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { closePool, configureDatabase } from '#server/db/pool'
import { renewCalendars } from '#server/jobs/renew-calendars'
import { database, databaseUrl } from '../support/as.ts'
import { insertCalendar, officeHours } from '../support/calendars.ts'
import { addTeam, ann } from '../support/world.ts'

const teams: string[] = []
const dayMs = 86_400_000
const today = Math.floor(Date.now() / dayMs) * dayMs

beforeAll(() => {
  configureDatabase(databaseUrl(), 4)
})
afterEach(async () => {
  await database()`delete from public.teams where id in ${database()(teams.splice(0))}`
})
afterAll(closePool)

async function newTeam(): Promise<string> {
  const id = randomUUID()
  teams.push(id)
  await database().begin(sql => addTeam(sql, id, [ann]))
  return id
}

const rules = { time_zone: 'Europe/Berlin', hours: officeHours, holidays: [] }
const runJob = () => renewCalendars(new AbortController().signal)
const read = async (id: string) => {
  const [row] = await database()<
    { version: number; time_zone_data: string; covered_from: Date; covered_until: Date }[]
  >`select version, time_zone_data, covered_from, covered_until from calendars where id = ${id}`
  return row!
}

describe('the job that renews calendars', () => {
  test('extends a calendar that covers less than four years, with the public holidays of the new years', async () => {
    const sql = database()
    const from = today - 800 * dayMs
    const id = await insertCalendar(sql, await newTeam(), { rules, from, until: today + 200 * dayMs })
    await sql`update calendars set country = 'DE', region = 'BY' where id = ${id}`
    expect(await runJob()).toEqual([])
    const { version, covered_from, covered_until } = await read(id)
    expect({ version, covered_from }).toEqual({ version: 1, covered_from: new Date(from) })
    expect(covered_until.getTime()).toBeGreaterThan(today + 5 * 365 * dayMs)
    const known = new Date(today + 200 * dayMs).getUTCFullYear()
    const holidays = await sql<{ date: string }[]>`select date::text, source from calendar_holidays where calendar_id = ${id} order by date`
    expect(holidays[0]).toEqual({ date: `${known + 1}-01-01`, source: 'country' })
    expect(holidays).toContainEqual({ date: `${covered_until.getUTCFullYear()}-01-06`, source: 'country' })
    const [row] = await sql<[{ due: Date }]>`select private.add_open(${id}, ${new Date(today + 1_500 * dayMs)}, 1) as due`
    expect(row.due.getTime()).toBeGreaterThan(today + 1_500 * dayMs)
  })

  test('computes a calendar again that other time zone data made, and names it if its coming hours have moved', async () => {
    const sql = database()
    const team = await newTeam()
    const same = await insertCalendar(sql, team, { name: 'Same', rules })
    const moved = await insertCalendar(sql, team, { name: 'Moved', rules: { ...rules, time_zone: 'UTC' } })
    const current = await insertCalendar(sql, team, { name: 'Current', rules })
    await sql`update calendars set time_zone_data = '2001a' where id in ${sql([same, moved])}`
    await sql`update calendars set time_zone = 'Europe/Berlin' where id = ${moved}` // as if the zone had been at UTC then
    expect(await runJob()).toEqual(['Moved'])
    expect((await Promise.all([same, moved, current].map(read))).map(({ version, time_zone_data }) => [version, time_zone_data])).toEqual([
      [1, process.versions.tz],
      [2, process.versions.tz],
      [1, process.versions.tz]
    ])
    const [event] =
      await sql`select type, channel, actor_id, "from", "to" from ticket_events where team_id = ${team} order by id desc limit 1`
    expect(event).toEqual({
      type: 'calendar.updated',
      channel: 'job',
      actor_id: null,
      from: { id: moved, name: 'Moved', time_zone_data: '2001a' },
      to: { id: moved, name: 'Moved', time_zone_data: process.versions.tz, open_clocks: 0 }
    })
    expect(await runJob()).toEqual([])
  })
})
