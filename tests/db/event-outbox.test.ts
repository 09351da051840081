import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { closePool, configureDatabase } from '#server/db/pool'
import type { EventReader, OutboxEvent } from '#server/domain/event'
import { dispatchEvents } from '#server/jobs/dispatch-events'
import { startWorkers, stopWorkers } from '#server/jobs/worker'
import { anonymous, database, databaseUrl, impersonate, service, session } from '../support/as.ts'
import { addTeam, ann, bob } from '../support/world.ts'

// A team of its own: other tests write events of theirs at the same time.
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

const never = new AbortController().signal
const waiting = () => database()<{ attempts: number; last_error: string | null; seconds: number }[]>`
  select attempts, last_error, round(extract(epoch from next_attempt_at - now()))::int as seconds from private.event_outbox where team_id = ${team} order by event_id`

/** Renames Bob's ticket, each time to another subject. */
async function rename(times = 1): Promise<void> {
  for (let time = 0; time < times; time++) {
    await database().begin(async sql => {
      await impersonate(sql, bob)
      await sql`update public.tickets set subject = ${`Renamed ${Date.now()} ${Math.random()}`} where id = ${ticket}`
    })
  }
}

/** A reader that keeps what it was told. */
function listener() {
  const received: OutboxEvent[] = []
  const read: EventReader = (_, events) => {
    received.push(...events.filter(({ team_id }) => team_id === team))
    return Promise.resolve()
  }
  return { received, read }
}

describe('the outbox', () => {
  test('gets each event with its change, and none of a history that is loaded', async () => {
    await rename(2)
    expect(await waiting()).toHaveLength(2)
    await database().begin(async sql => {
      await sql`select set_config('switchboard.channel', 'import', true)`
      await sql`update public.tickets set subject = 'Loaded' where id = ${ticket}`
    })
    expect(await waiting()).toHaveLength(2)
  })

  test('gets nothing of a change that is undone', async () => {
    await database()
      .begin(async sql => {
        await sql`update public.tickets set subject = 'Never' where id = ${ticket}`
        throw new Error('undo')
      })
      .catch(() => {
        /* meant to fail */
      })
    expect(await waiting()).toEqual([])
  })

  test.each([
    ['an owner', ann],
    ['an anonymous caller', anonymous]
  ] as const)('is closed to %s', (_, caller) =>
    session(caller, async ({ refusal }) => {
      for (const statement of ['select * from private.event_outbox', 'delete from private.event_outbox'])
        expect((await refusal(sql => sql.unsafe(statement))).code).toBe('42501')
    })
  )

  test('is written by service_role through events alone', () =>
    session(service, async ({ sql }) => {
      expect(
        await sql`select has_table_privilege('service_role', 'private.event_outbox', 'insert, update, delete, select') as granted`
      ).toEqual([{ granted: false }])
    }))
})

describe('the dispatcher', () => {
  test('tells every reader of every event, in order, once', async () => {
    const [first, second] = [listener(), listener()]
    await rename(3)
    await dispatchEvents(never, [first.read, second.read])
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
    await dispatchEvents(never, [first.read])
    expect(first.received).toHaveLength(3)
    expect(await waiting()).toEqual([])
  })

  test('shares the events between several servers', async () => {
    await rename(150)
    const listeners = [listener(), listener(), listener()]
    await Promise.all(listeners.map(({ read }) => dispatchEvents(never, [read])))
    const received = listeners.flatMap(({ received }) => received.map(({ id }) => id))
    expect(received).toHaveLength(150)
    expect(new Set(received).size).toBe(150)
  })

  test('loses nothing of what was cut off', async () => {
    await rename(3)
    const cut: EventReader = async db => {
      await sql`select pg_terminate_backend(pg_backend_pid())`.execute(db)
    }
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => log.mockRestore())
    await dispatchEvents(AbortSignal.timeout(300), [cut])
    await database()`update private.event_outbox set next_attempt_at = now() where team_id = ${team}`
    const { received, read } = listener()
    await dispatchEvents(never, [read])
    expect(received).toHaveLength(3)
  })

  test('puts off what cannot be told, with the reason, and tells the others', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => log.mockRestore())
    await rename(3)
    const [{ id: poisoned }] = await database()<
      [{ id: string }]
    >`select min(event_id)::text as id from private.event_outbox where team_id = ${team}`
    const { received, read } = listener()
    const refusing: EventReader = (_, events) =>
      events.some(({ id }) => id === poisoned) ? Promise.reject(new Error('no paper')) : Promise.resolve()
    await dispatchEvents(never, [refusing, read])
    expect(received).toHaveLength(2)
    expect(received.map(({ id }) => id)).not.toContain(poisoned)
    expect(await waiting()).toEqual([{ attempts: 1, last_error: 'no paper', seconds: 5 }])

    await database()`update private.event_outbox set next_attempt_at = now(), attempts = 10 where team_id = ${team}`
    await dispatchEvents(never, [read])
    expect(received, 'given up after ten times, and kept').toHaveLength(2)
    await database()`update private.event_outbox set attempts = 0 where team_id = ${team}`
    await dispatchEvents(never, [read])
    expect(received.map(({ id }) => id)).toContain(poisoned)
  })
})

describe('workers', () => {
  const until = async (condition: () => boolean) => {
    for (const deadline = Date.now() + 10_000; !condition();) {
      if (Date.now() > deadline) throw new Error('This never came true')
      await sleep(10)
    }
  }

  test('are woken by a change, at once', async () => {
    const work = vi.fn(() => Promise.resolve(null))
    startWorkers(databaseUrl(), [{ name: 'probe', channel: 'switchboard_events', work }])
    await until(() => work.mock.calls.length >= 2) // at the start, and when it listens
    await sleep(50)
    const calls = work.mock.calls.length
    const started = performance.now()
    await rename()
    await until(() => work.mock.calls.length > calls)
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  test('are woken when their connection is lost and opened again, and by changes after that', async () => {
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

  test('come again when the next is due, and after a failure', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => log.mockRestore())
    let calls = 0
    startWorkers(databaseUrl(), [
      {
        name: 'probe',
        channel: 'switchboard_nobody',
        work: () => (++calls === 1 ? Promise.reject(new Error('no paper')) : Promise.resolve(calls < 6 ? 20 : null))
      }
    ])
    await until(() => calls >= 6)
    expect(log.mock.calls.flat()).toContain('The worker probe failed: no paper')
  })

  test('stop with the server, and leave no connection', async () => {
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
