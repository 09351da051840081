import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { closePool, configureDatabase } from '#server/db/pool'
import type { EventReader, OutboxEvent } from '#server/domain/event'
import { dispatchEvents } from '#server/jobs/dispatch-events'
import { startWorkers, stopWorkers } from '#server/jobs/worker'
import { anonymous, database, databaseUrl, impersonate, service, session } from '../support/as.ts'
import { insertCalendar } from '../support/calendars.ts'
import { addTeam, ann, bob } from '../support/world.ts'

// A new team for each test, so that events of other teams do not count.
let team: string
let ticket: string

beforeAll(() => {
  configureDatabase(databaseUrl(), 4)
})
beforeEach(async () => {
  ;[team, ticket] = [randomUUID(), randomUUID()]
  await database().begin(async sql => {
    await sql`select set_config('switchboard.channel', 'import', true)`
    await addTeam(sql, team, [ann, bob])
    await sql`insert into public.tickets ${sql({ id: ticket, team_id: team, subject: 'VPN drops', description: 'x', created_by: ann.id })}`
  })
})
afterEach(async () => {
  await stopWorkers()
  await database()`delete from public.teams where id = ${team}`
})
afterAll(closePool)

const neverAborted = new AbortController().signal
const waiting = () => database()<{ attempts: number; last_error: string | null; seconds: number }[]>`
  select attempts, last_error, round(extract(epoch from next_attempt_at - now()))::int as seconds from private.event_outbox
  where team_id = ${team} order by event_id`

/** Changes the subject of the ticket as Bob: one event each time. */
async function rename(times = 1): Promise<void> {
  for (let time = 0; time < times; time++) {
    await database().begin(async sql => {
      await impersonate(sql, bob)
      await sql`update public.tickets set subject = ${`Renamed ${Date.now()} ${Math.random()}`} where id = ${ticket}`
    })
  }
}

/** A reader that records the events of the team. */
function recorder() {
  const received: OutboxEvent[] = []
  const read: EventReader = (_, events) => {
    received.push(...events.filter(({ team_id }) => team_id === team))
    return Promise.resolve()
  }
  return { received, read }
}

describe('the event outbox', () => {
  test('the outbox gets one event per change, and none for an import', async () => {
    await rename(2)
    expect(await waiting()).toHaveLength(2)
    await database().begin(async sql => {
      await sql`select set_config('switchboard.channel', 'import', true)`
      await sql`update public.tickets set subject = 'Loaded' where id = ${ticket}`
    })
    expect(await waiting()).toHaveLength(2)
  })

  test('the outbox gets nothing from a transaction that is rolled back', async () => {
    await database()
      .begin(async sql => {
        await sql`update public.tickets set subject = 'Never' where id = ${ticket}`
        throw new Error('undo')
      })
      .catch(() => {
        /* the rollback is what the test needs */
      })
    expect(await waiting()).toEqual([])
  })

  test.each([
    ['an owner', ann],
    ['an anonymous caller', anonymous]
  ] as const)('%s can neither read nor delete rows of the outbox', (_, caller) =>
    session(caller, async ({ refusal }) => {
      for (const statement of ['select * from private.event_outbox', 'delete from private.event_outbox'])
        expect((await refusal(sql => sql.unsafe(statement))).code).toBe('42501')
    })
  )

  test('service_role has no grant on the outbox', () =>
    session(service, async ({ sql }) => {
      expect(
        await sql`select has_table_privilege('service_role', 'private.event_outbox', 'insert, update, delete, select') as granted`
      ).toEqual([{ granted: false }])
    }))
})

describe('the event dispatcher', () => {
  test('every event reader gets every event once, in order', async () => {
    const [first, second] = [recorder(), recorder()]
    await rename(3)
    await dispatchEvents(neverAborted, [first.read, second.read])
    expect(first.received).toEqual(second.received)
    expect(
      first.received.map(({ type, actor_id, team_id, ticket_number, channel }) => ({ type, actor_id, team_id, ticket_number, channel }))
    ).toEqual(
      Array.from({ length: 3 }, () => ({
        type: 'ticket.subject_changed',
        actor_id: bob.id,
        team_id: team,
        ticket_number: 1,
        channel: 'api'
      }))
    )
    expect(first.received.map(({ id }) => Number(id))).toEqual(first.received.map(({ id }) => Number(id)).sort((a, b) => a - b))
    await dispatchEvents(neverAborted, [first.read])
    expect(first.received).toHaveLength(3)
    expect(await waiting()).toEqual([])
  })

  test('concurrent dispatchers share the events without duplicates', async () => {
    await rename(150)
    const recorders = [recorder(), recorder(), recorder()]
    await Promise.all(recorders.map(({ read }) => dispatchEvents(neverAborted, [read])))
    const received = recorders.flatMap(({ received }) => received.map(({ id }) => id))
    expect(received).toHaveLength(150)
    expect(new Set(received).size).toBe(150)
  })

  test('events whose dispatch lost its connection are dispatched again', async () => {
    await rename(3)
    const killConnection: EventReader = async db => {
      await sql`select pg_terminate_backend(pg_backend_pid())`.execute(db)
    }
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => log.mockRestore())
    await dispatchEvents(AbortSignal.timeout(300), [killConnection])
    await database()`update private.event_outbox set next_attempt_at = now() where team_id = ${team}`
    const { received, read } = recorder()
    await dispatchEvents(neverAborted, [read])
    expect(received).toHaveLength(3)
  })

  test('an event that a reader fails on is retried with its error stored; the others are dispatched', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => log.mockRestore())
    await rename(3)
    const [{ id: poisoned }] = await database()<
      [{ id: string }]
    >`select min(event_id)::text as id from private.event_outbox where team_id = ${team}`
    const { received, read } = recorder()
    const refusing: EventReader = (_, events) =>
      events.some(({ id }) => id === poisoned) ? Promise.reject(new Error('disk full')) : Promise.resolve()
    await dispatchEvents(neverAborted, [refusing, read])
    expect(received).toHaveLength(2)
    expect(received.map(({ id }) => id)).not.toContain(poisoned)
    expect(await waiting()).toEqual([{ attempts: 1, last_error: 'disk full', seconds: 5 }])

    await database()`update private.event_outbox set next_attempt_at = now(), attempts = 10 where team_id = ${team}`
    await dispatchEvents(neverAborted, [read])
    expect(received, 'after ten attempts the event is kept, but not retried').toHaveLength(2)
    await database()`update private.event_outbox set attempts = 0 where team_id = ${team}`
    await dispatchEvents(neverAborted, [read])
    expect(received.map(({ id }) => id)).toContain(poisoned)
  })
})

test('outside the open hours an SLA breach is sent to webhooks at once, and to members at the next opening', async () => {
  await database().begin(async sql => {
    const calendar_id = await insertCalendar(sql, team)
    await sql`select private.write_calendar_intervals(${calendar_id}, array[now() + interval '1 hour'], array[now() + interval '9 hours'])`
    const levels = { low: 60, normal: 60, high: 60, urgent: 60 }
    await sql`insert into public.sla_policies ${sql({ team_id: team, name: 'All', calendar_id, targets: sql.json({ resolution: levels }) })}`
    await sql`insert into public.webhooks ${sql({ team_id: team, name: 'Hook', url: 'https://example.com', events: ['ticket.sla_breached'], created_by: ann.id })}`
    await sql`insert into public.tickets ${sql({ team_id: team, subject: 'Late', description: 'x', created_by: bob.id, assigned_to: bob.id })}`
    await sql`update public.sla_clocks set due_at = now() where team_id = ${team}`
  })
  await dispatchEvents(neverAborted)
  const told = async () => {
    const [counts] = await database()`
      select (select count(*)::int from public.webhook_deliveries where team_id = ${team}) as deliveries,
        (select count(*)::int from public.notifications where team_id = ${team} and kind = 'sla') as notifications`
    return counts
  }
  await database()`select private.mark_due_clocks(100)`
  await dispatchEvents(neverAborted)
  expect(await told()).toEqual({ deliveries: 1, notifications: 0 })
  const [members, ...others] = await waiting()
  expect(others).toEqual([])
  expect(members!.seconds).toBeGreaterThan(3_500)
  const jobs = await database().begin(async sql => {
    await impersonate(sql, ann)
    return sql`select kind from private.team_jobs(${team}) where kind = 'event'`
  })
  expect(jobs, 'what waits for the opening is not late').toEqual([])
  await database()`update private.event_outbox set next_attempt_at = now() where team_id = ${team}`
  await dispatchEvents(neverAborted)
  expect(await told()).toEqual({ deliveries: 1, notifications: 1 })
  expect(await waiting()).toEqual([])
})

describe('workers', () => {
  const until = async (condition: () => boolean) => {
    for (const deadline = Date.now() + 10_000; !condition();) {
      if (Date.now() > deadline) throw new Error('Timed out while waiting for a condition')
      await sleep(10)
    }
  }

  test('a change wakes the worker at once', async () => {
    const work = vi.fn(() => Promise.resolve(null))
    startWorkers(databaseUrl(), [{ name: 'probe', channel: 'switchboard_events', work }])
    await until(() => work.mock.calls.length >= 2) // once at the start, once when LISTEN is active
    await sleep(50)
    const calls = work.mock.calls.length
    const started = performance.now()
    await rename()
    await until(() => work.mock.calls.length > calls)
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  test('a worker whose connection is lost reconnects, runs, and is woken by later changes', async () => {
    const work = vi.fn(() => Promise.resolve(null))
    const listeners = () =>
      database()<{ pid: number }[]>`select pid from pg_stat_activity where application_name = 'switchboard: listening'`
    startWorkers(databaseUrl(), [{ name: 'probe', channel: 'switchboard_events', work }])
    await until(() => work.mock.calls.length >= 2)
    await database()`select pg_terminate_backend(pid, 5000) from unnest(${(await listeners()).map(({ pid }) => pid)}::int[]) as pid`
    const calls = work.mock.calls.length
    await until(() => work.mock.calls.length > calls)
    expect(await listeners()).toHaveLength(1)
    await sleep(50)
    const again = work.mock.calls.length
    const started = performance.now()
    await rename()
    await until(() => work.mock.calls.length > again)
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  test('a worker runs again after the delay that it returns, and after a failure', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => log.mockRestore())
    let calls = 0
    startWorkers(databaseUrl(), [
      {
        name: 'probe',
        channel: 'switchboard_nobody',
        work: () => (++calls === 1 ? Promise.reject(new Error('disk full')) : Promise.resolve(calls < 6 ? 20 : null))
      }
    ])
    await until(() => calls >= 6)
    expect(log.mock.calls.flat()).toContain('The worker probe failed: disk full')
  })

  test('stopWorkers() aborts the work and closes the connection', async () => {
    let received = false
    startWorkers(databaseUrl(), [
      {
        name: 'probe',
        channel: 'switchboard_events',
        work: stopping =>
          new Promise(resolve =>
            stopping.addEventListener('abort', () => {
              received = true
              resolve(null)
            })
          )
      }
    ])
    await sleep(100)
    await stopWorkers()
    expect(received).toBe(true)
    await sleep(100)
    expect(await database()`select pid from pg_stat_activity where application_name = 'switchboard: listening'`).toEqual([])
  })
})
