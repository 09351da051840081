import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { jobsAreRunning, requestJob, startJobs, stopJobs, type ScheduledJob } from '#server/jobs/boss'
import { anonymous, as, database, databaseUrl, service, session } from '../support/as.ts'
import { ann } from '../support/world.ts'

afterEach(() => stopJobs())

const url = () => databaseUrl()
const until = async (condition: () => boolean | Promise<boolean>) => {
  for (const deadline = Date.now() + 15_000; !(await condition());) {
    if (Date.now() > deadline) throw new Error('Timed out while waiting for a condition')
    await sleep(20)
  }
}
const storedJobs = (name: string) =>
  database()<
    { state: string; output: { message?: string } | null }[]
  >`select state::text, output from pgboss.job where name = ${name} order by created_on`
const countConnections = async () =>
  (
    await database()<
      [{ count: number }]
    >`select count(*)::integer as count from pg_stat_activity where application_name = 'switchboard: jobs'`
  )[0].count

let jobCount = 0
/** A job with a unique name. */
const newJob = (run: ScheduledJob['run']): ScheduledJob => ({ name: `test-${process.pid}-${++jobCount}`, cron: '0 * * * *', run })

describe('scheduled jobs', () => {
  test('a job runs once when the server starts, and its cron is in the schedule', async () => {
    const run = vi.fn(() => Promise.resolve())
    const work = newJob(run)
    expect(jobsAreRunning()).toBe(true) // startJobs() was not called yet
    startJobs(url(), [work])
    expect(jobsAreRunning()).toBe(false)
    await until(jobsAreRunning)
    await until(async () => (await storedJobs(work.name))[0]?.state === 'completed')
    expect(run).toHaveBeenCalledTimes(1)
    expect(await database()`select cron, timezone from pgboss.schedule where name = ${work.name}`).toEqual([
      { cron: '0 * * * *', timezone: 'UTC' }
    ])
  })

  test('requestJob() runs a job at once, or queues it once from a process without jobs', async () => {
    const run = vi.fn(() => Promise.resolve())
    const work = { ...newJob(run), pollSeconds: 1 }
    startJobs(url(), [work])
    await until(async () => (await storedJobs(work.name))[0]?.state === 'completed')
    const started = performance.now()
    await requestJob(work.name)
    await until(() => run.mock.calls.length === 2)
    expect(performance.now() - started).toBeLessThan(1_000)
    await stopJobs()

    startJobs(url(), [])
    expect(jobsAreRunning()).toBe(true)
    await until(async () => (await countConnections()) > 0)
    await until(async () => {
      await requestJob(work.name)
      return (await storedJobs(work.name)).at(-1)?.state === 'created'
    })
    await requestJob(work.name) // a job waits in the queue once, however often it is requested
    expect((await storedJobs(work.name)).filter(({ state }) => state === 'created')).toHaveLength(1)
    expect(run).toHaveBeenCalledTimes(2)
  })

  test('requesting an unknown job does not throw, and logs the error', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => log.mockRestore())
    await requestJob('unknown')
    startJobs(url(), [])
    await until(async () => {
      await requestJob('unknown')
      return log.mock.calls.length > 0
    })
    expect(log.mock.calls[0]![0]).toMatch(/^The job unknown could not be requested: .*does not exist/)
  })

  test('a failed job logs its error, stores it and is retried', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => log.mockRestore())
    const work = newJob(() => Promise.reject(new Error('disk full')))
    startJobs(url(), [work])
    await until(async () => (await storedJobs(work.name))[0]?.state === 'retry')
    expect((await storedJobs(work.name))[0]!.output?.message).toBe('disk full')
    expect(log.mock.calls.flat()).toContain(`The job ${work.name} failed: disk full`)
  })

  test('stopJobs() aborts running jobs, waits for them briefly and closes the connections', async () => {
    let received = false
    const work = newJob(
      stopping =>
        new Promise(resolve => {
          stopping.addEventListener('abort', () => {
            received = true
            setTimeout(resolve, 100)
          })
        })
    )
    startJobs(url(), [work])
    await until(async () => (await storedJobs(work.name))[0]?.state === 'active')
    expect(await countConnections()).toBeLessThanOrEqual(2)
    const started = performance.now()
    await stopJobs()
    expect(performance.now() - started).toBeLessThan(1_000)
    expect(received).toBe(true)
    await until(async () => (await countConnections()) === 0)
  })

  test('stopJobs() does not wait for a job that never ends', async () => {
    const work = newJob(() => new Promise(() => {}))
    startJobs(url(), [work])
    await until(async () => (await storedJobs(work.name))[0]?.state === 'active')
    const started = performance.now()
    await stopJobs()
    expect(performance.now() - started).toBeLessThan(1_500)
    // The job counts as failed and is retried.
    await until(async () => (await storedJobs(work.name))[0]?.state === 'retry')
  })

  test('startJobs() logs why it cannot connect and does not block stopJobs()', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => log.mockRestore())
    const unreachable = new URL(url())
    unreachable.port = '1'
    startJobs(unreachable.href, [newJob(() => Promise.resolve())])
    await until(() => log.mock.calls.length > 1)
    expect(jobsAreRunning()).toBe(false)
    expect(log.mock.calls[0]![0]).toMatch(/^Jobs could not be started: .*ECONNREFUSED/)
    const started = performance.now()
    await stopJobs()
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})

describe('the schema pgboss', () => {
  test.each([
    ['an owner', ann],
    ['an anonymous caller', anonymous]
  ] as const)('%s cannot read the tables of pgboss', (_, caller) =>
    session(caller, async ({ refusal }) => {
      for (const table of ['job', 'schedule', 'queue'])
        expect((await refusal(sql => sql.unsafe(`select * from pgboss.${table}`))).code).toBe('42501')
    })
  )

  test('no role of the Data API may use the schema pgboss', async () => {
    expect(
      await as(
        service,
        sql =>
          sql`
            select role from unnest(array['anon', 'authenticated', 'service_role', 'authenticator']) as role
            where has_schema_privilege(role, 'pgboss', 'usage')`
      )
    ).toEqual([])
  })
})
