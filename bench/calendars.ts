// Compares private.add_open() and private.open_between() with shared/sla/calendar.ts and with a walk minute by minute, in random calendars of
// 30 zones, half of them around a change of clocks: node bench/calendars.ts [cases, 100000]. Exits with 1 if any answer differs.
import postgres from 'postgres'
import { addOpen, openBetween, openIntervals } from '../shared/sla/calendar.ts'
import { withScratchDatabase } from '../supabase/embedded/scratch.ts'
import { CalendarOracle, randomCalendar, type CalendarCase } from '../tests/support/calendar-cases.ts'
import { createRandom } from '../tests/support/random.ts'

const cases = Number(process.argv[2] ?? 100_000)
const casesPerCalendar = 100
const dayMs = 86_400_000

interface Row {
  zone: string
  calendars: number
  cases: number
  beyond: number
  mismatches: number
}

const say = (line: string) => process.stdout.write(`${line}\n`)
const iso = (at: number) => new Date(at).toISOString()

/** The answer, or null for an instant that the calendar does not cover. */
function coveredOrNull(work: () => number): number | null {
  try {
    return work()
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

await withScratchDatabase(async ({ postgresUrl }) => {
  const sql = postgres(postgresUrl, { max: 1, onnotice: () => {} })
  const [{ id: team }] = await sql<[{ id: string }]>`insert into public.teams (name, slug) values ('Bench', 'bench') returning id`
  // Answers null where the product raises, so that one statement does many cases.
  await sql.unsafe(`
    create function private.bench_add_open(calendar uuid, start timestamptz, seconds bigint) returns timestamptz language plpgsql as $$
    begin
      return private.add_open(calendar, start, seconds);
    exception when sqlstate 'PT422' then return null;
    end $$`)
  const addCalendar = async ({ rules, from, until }: CalendarCase) => {
    const { intervals } = openIntervals(rules, from, until)
    const [{ id }] = await sql<[{ id: string }]>`
      insert into public.calendars (team_id, name, time_zone, covered_from, covered_until, time_zone_data)
      values (${team}, ${`Bench ${Math.random()}`}, ${rules.time_zone}, ${iso(from)}, ${iso(until)}, 'bench') returning id`
    const [opens, closes] = [intervals.map(({ opensAt }) => iso(opensAt)), intervals.map(({ closesAt }) => iso(closesAt))]
    await sql`select private.write_calendar_intervals(${id}, ${opens}::timestamptz[], ${closes}::timestamptz[])`
    return id
  }

  const rows = new Map<string, Row>()
  const differing: string[] = []
  for (let seed = 1; seed <= cases / casesPerCalendar; seed++) {
    const random = createRandom(seed)
    const calendar = randomCalendar(random)
    const { time_zone } = calendar.rules
    const row = rows.get(time_zone) ?? { zone: time_zone, calendars: 0, cases: 0, beyond: 0, mismatches: 0 }
    rows.set(time_zone, row)
    const period = openIntervals(calendar.rules, calendar.from, calendar.until)
    const oracle = new CalendarOracle(calendar)
    const samples = Array.from({ length: casesPerCalendar }, () => {
      const start = calendar.from + random(20 * dayMs)
      return { start, end: start + random(20 * dayMs), seconds: random(4) === 0 ? random(120) * 60 : random(400_000) }
    })
    const id = await addCalendar(calendar)
    const answers = await sql<{ due: Date | null; open: string }[]>`
      select private.bench_add_open(${id}, sample.start, sample.seconds) as due, private.open_between(${id}, sample.start, sample.ended) as open
      from unnest(${samples.map(({ start }) => iso(start))}::timestamptz[], ${samples.map(({ end }) => iso(end))}::timestamptz[],
        ${samples.map(({ seconds }) => seconds)}::bigint[]) with ordinality as sample (start, ended, seconds, number) order by sample.number`
    await sql`delete from public.calendars where id = ${id}`
    row.calendars++
    samples.forEach(({ start, end, seconds }, index) => {
      const due = [
        coveredOrNull(() => addOpen(period, start, seconds)),
        oracle.addOpen(start, seconds),
        answers[index]!.due?.getTime() ?? null
      ]
      const open = [openBetween(period, start, end), oracle.openBetween(start, end), Number(answers[index]!.open)]
      row.cases++
      if (due[0] === null) row.beyond++
      if (new Set(due).size === 1 && new Set(open).size === 1) return
      row.mismatches++
      differing.push(JSON.stringify({ seed, start: iso(start), end: iso(end), seconds, due, open, calendar }))
    })
  }
  const sorted = [...rows.values()].sort((a, b) => (a.zone < b.zone ? -1 : 1))
  const total = { calendars: 0, cases: 0, beyond: 0, mismatches: 0 }
  for (const row of sorted) for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += row[key]
  console.table([...sorted, { zone: 'all', ...total }])
  for (const difference of differing.slice(0, 5)) console.error(difference)

  const hours = [1, 2, 3, 4, 5].flatMap(weekday => [
    { weekday, opens: '09:00', closes: '12:30' },
    { weekday, opens: '13:15', closes: '18:00' }
  ])
  const [from, until] = [Date.UTC(2025, 10, 1), Date.UTC(2031, 11, 1)]
  const began = performance.now()
  const period = openIntervals({ time_zone: 'Europe/Berlin', hours, holidays: [] }, from, until)
  say(`${period.intervals.length} intervals of six years: ${(performance.now() - began).toFixed(0)} ms`)
  const office = await addCalendar({ rules: { time_zone: 'Europe/Berlin', hours, holidays: [] }, from, until })
  await sql`analyze private.calendar_intervals`
  const calls = 100_000
  for (const [name, expression] of [
    ['add_open', 'private.add_open($1, start, 28800)'],
    ['open_between', "private.open_between($1, start, start + interval '9 days')"],
    ['no call', 'start']
  ] as const) {
    const times: number[] = []
    for (let round = 0; round < 3; round++) {
      const start = performance.now()
      await sql.unsafe(
        `select max(${expression}) from (select '2026-01-01'::timestamptz + n * interval '10 minutes' as start, $1::uuid from generate_series(1, ${calls}) as n) as starts`,
        [office]
      )
      times.push(performance.now() - start)
    }
    say(`${name}: ${((Math.min(...times) / calls) * 1000).toFixed(1)} µs a call`)
  }
  await sql.end()
  if (total.mismatches > 0) process.exitCode = 1
})
