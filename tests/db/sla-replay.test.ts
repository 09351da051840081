import { expect, test } from 'vitest'
import { loadLives, loadNames } from '#server/domain/sla/life'
import { replay, type ReplayedClock } from '#server/domain/sla/replay'
import { loadRules } from '#server/domain/sla/rules'
import { compareLife, emptyCounts } from '#server/domain/sla/simulate'
import { openBetween } from '#shared/sla/calendar'
import { service, session, type Session } from '../support/as.ts'
import { asDb } from '../support/kysely-session.ts'
import { createRandom } from '../support/random.ts'
import { tellStory, type Story } from '../support/sla-story.ts'
import { acme, bob } from '../support/world.ts'

// SLA_LIVES=1000 tries a thousand, in about half an hour.
const lives = Number(process.env.SLA_LIVES ?? 10)

const hour = 3600
const steps = 10
const levels = (seconds: number) => ({ low: 4 * seconds, normal: seconds, high: seconds / 2, urgent: seconds / 4 })

test.each(Array.from({ length: lives }, (_, seed) => seed))(
  'the replay of a ticket with a random life (%i) has the clocks of the database after every step',
  seed => session(service, session => liveAndReplay(session, seed))
)

async function liveAndReplay(session: Session, seed: number): Promise<void> {
  const random = createRandom(seed + 1)
  const pick = <T>(values: readonly T[]): T => values[random(values.length)]!
  // Every third life has one policy only.
  if (seed % 3 > 0) await addPolicies(session)
  const start = `2026-06-${String(1 + random(28)).padStart(2, '0')}T${String(random(24)).padStart(2, '0')}:${String(10 + random(50))}`
  const story = await tellStory(session, start, {
    position: 5,
    targets: { first_response: levels(hour), next_response: levels(2 * hour), resolution: levels(8 * hour) }
  })
  let now = story.now()
  for (let step = 0; step < steps; step++) {
    now += pick([1, 60, 600, hour, 5 * hour, 86_400, 3 * 86_400]) * (1 + random(3)) * 1000
    await story.untilInstant(now)
    if (random(2) === 0) await story.markDue()
    await act(session, story, pick)
    await compare(session, story, `life ${seed}, step ${step}`)
  }
}

/** Policies around the clock before "Standard": one for urgent tickets without a first response, one for a tag. */
async function addPolicies({ as }: Session): Promise<void> {
  await as(service, async sql => {
    const add = (fields: Record<string, unknown>) => sql`insert into sla_policies ${sql({ team_id: acme.id, ...fields })}`
    await add({
      name: 'Urgent',
      position: 1,
      conditions: sql.json([{ key: 'priority', values: ['URGENT'], not: false }]),
      targets: sql.json({ next_response: levels(hour), resolution: levels(4 * hour) })
    })
    await add({
      name: 'Gold',
      position: 2,
      conditions: sql.json([
        { key: 'tag', values: ['gold'], not: false },
        { key: 'category', values: ['Billing', 'bug'], not: true }
      ]),
      targets: sql.json({ first_response: levels(2 * hour), resolution: levels(20 * hour) }),
      pauses: sql.json({ resolution: ['waiting', 'open'] }),
      reopen_percent: 60
    })
  })
}

const actions = [
  'agent',
  'client',
  'note',
  'open',
  'in_progress',
  'waiting',
  'resolved',
  'snooze',
  'wake',
  'priority',
  'category',
  'tag',
  'both',
  'forget',
  'return'
] as const

async function act({ as }: Session, story: Story, pick: <T>(values: readonly T[]) => T): Promise<void> {
  const { ticket } = story
  const [{ status, snoozed }] = await as(
    service,
    sql =>
      sql<[{ status: string; snoozed: boolean }]>`select status, snoozed_until is not null as snoozed from tickets where id = ${ticket}`
  )
  const isOver = status === 'resolved'
  const action = pick(actions)
  const priority = pick(['low', 'normal', 'high', 'urgent'])
  switch (action) {
    case 'agent':
      return void (await story.agentReplies())
    case 'client':
      return void (await story.clientReplies())
    case 'note':
      return void (await story.agentNotes())
    case 'forget':
      return void (await story.deleteReply(pick(['agent', 'requester'])))
    case 'return': // the client reopens it in the portal
      await as(service, async sql => {
        await sql`select set_config('switchboard.contact_id', ${acme.contacts.carla}, true), set_config('switchboard.channel', 'portal', true)`
        await sql`update tickets set status = 'open' where id = ${ticket} and status = 'resolved'`
        await sql`select set_config('switchboard.contact_id', '', true), set_config('switchboard.channel', '', true)`
      })
      return
    case 'snooze':
      if (!isOver) await story.change({ snoozed_until: new Date(Date.now() + 300 * 86_400_000) })
      return
    case 'wake':
      if (snoozed) await story.change({ snoozed_until: null })
      return
    case 'priority':
      return void (await story.change({ priority }))
    case 'category':
      return void (await story.change({ category: pick(['bug', 'billing', 'question']) }))
    case 'both':
      return void (await story.change({ priority, status: pick(['open', 'waiting', 'resolved']) }))
    case 'tag':
      await as(bob, async sql => {
        const removed = await sql`delete from ticket_tags where ticket_id = ${ticket} and tag = 'gold' returning tag`
        if (removed.length === 0) await sql`insert into ticket_tags (team_id, ticket_id, tag) values (${acme.id}, ${ticket}, 'gold')`
      })
      return
    default:
      if (action !== status) await story.change({ status: action })
  }
}

interface StoredClock {
  metric: string
  cycle: number
  target: number
  started: number
  counted: number
  due: number | null
  result: string | null
}

async function compare({ as }: Session, story: Story, told: string): Promise<void> {
  await as(service, async sql => {
    await sql`set constraints all immediate`
    const [{ now }] = await sql<[{ now: number }]>`select (extract(epoch from now()) * 1000)::float8 as now`
    const stored = await sql<StoredClock[]>`
      select clock.metric, clock.cycle, clock.target_seconds::integer as target, (extract(epoch from clock.started_at) * 1000)::float8 as started,
        (clock.target_seconds - clock.remaining_seconds + coalesce((
          select private.open_between(clock.calendar_id, segment.from_at, now()) from sla_segments as segment
          where segment.clock_id = clock.id and segment.to_at is null and segment.kind = 'running'), 0))::integer as counted,
        (extract(epoch from clock.due_at) * 1000)::float8 as due,
        case when clock.state in ('achieved', 'missed', 'cancelled') then clock.state end as result
      from sla_clocks as clock where clock.ticket_id = ${story.ticket} order by clock.metric, clock.cycle`
    const db = asDb(sql)
    const rules = await loadRules(db, acme.id, { policy: null, calendar: null }, now)
    const names = await loadNames(db, acme.id)
    const found = await loadLives(db, { teamId: acme.id, from: '-infinity', after: null, limit: 100, needed: rules.needed, names })
    const { life } = found.find(({ id }) => id === story.ticket)!
    const replayed = replay(life, rules.old).map(clock => asStored(clock, now))
    expect(replayed.sort(byMetric), told).toEqual([...stored])
    expect(compareLife(life, rules, now, emptyCounts()), told).toEqual([])
    await sql`set constraints all deferred`
  })
}

function asStored(
  { metric, cycle, policy, target, startedAt, counted, runsSince, dueAt, result }: ReplayedClock,
  now: number
): StoredClock {
  const current = runsSince === null ? 0 : openBetween(policy.calendar, runsSince, now)
  return { metric, cycle, target, started: startedAt, counted: counted + current, due: dueAt, result }
}

function byMetric(a: StoredClock, b: StoredClock): number {
  return a.metric < b.metric ? -1 : a.metric > b.metric ? 1 : a.cycle - b.cycle
}
