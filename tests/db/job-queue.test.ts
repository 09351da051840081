import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { jobsAreRunning, requestJob, startJobs, stopJobs, type ScheduledJob } from '#server/jobs/boss'
import { anonymous, as, database, databaseUrl, service, session } from '../support/as.ts'
import { ann } from '../support/world.ts'

afterEach(() => stopJobs())

const url = () => databaseUrl()
const until = async (condition: () => boolean | Promise<boolean>) => {
  for (const deadline = Date.now() + 15_000; !(await condition());) {
    if (Date.now() > deadline) throw new Error('This never came true')
    await sleep(20)
  }
}
const stored = (name: string) =>
  database()<
    { state: string; output: { message?: string } | null }[]
  >`select state::text, output from pgboss.job where name = ${name} order by created_on`
const connections = async () =>
  (
    await database()<
      [{ count: number }]
    >`select count(*)::integer as count from pg_stat_activity where application_name = 'switchboard: jobs'`
  )[0].count

let made = 0
/** A job that nobody else has. */
const job = (run: ScheduledJob['run']): ScheduledJob => ({ name: `test-${process.pid}-${++made}`, cron: '0 * * * *', run })

describe('jobs', () => {
  test('run once when a server starts, and have their time in the schedule', async () => {
    const run = vi.fn(() => Promise.resolve())
    const work = job(run)
    expect(jobsAreRunning()).toBe(true) // none are wanted
    startJobs(url(), [work])
    expect(jobsAreRunning()).toBe(false)
    await until(jobsAreRunning)
    await until(async () => (await stored(work.name))[0]?.state === 'completed')
    expect(run).toHaveBeenCalledTimes(1)
    expect(await database()`select cron, timezone from pgboss.schedule where name = ${work.name}`).toEqual([
      { cron: '0 * * * *', timezone: 'UTC' }
    ])
  })

  test('run again as soon as somebody asks, here or in a process that runs none', async () => {
    const run = vi.fn(() => Promise.resolve())
    const work = { ...job(run), pollSeconds: 1 }
    startJobs(url(), [work])
    await until(async () => (await stored(work.name))[0]?.state === 'completed')
    const started = performance.now()
    await requestJob(work.name)
    await until(() => run.mock.calls.length === 2)
    expect(performance.now() - started).toBeLessThan(1_000)
    await stopJobs()

    startJobs(url(), [])
    expect(jobsAreRunning()).toBe(true)
    await until(async () => (await connections()) > 0)
    await until(async () => {
      await requestJob(work.name)
      return (await stored(work.name)).at(-1)?.state === 'created'
    })
    await requestJob(work.name) // waits in the queue once, however often it is asked for
    expect((await stored(work.name)).filter(({ state }) => state === 'created')).toHaveLength(1)
    expect(run).toHaveBeenCalledTimes(2)
  })

  test('that cannot be asked for cost the one who asks nothing, and the log says so', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => log.mockRestore())
    await requestJob('nobodys')
    startJobs(url(), [])
    await until(async () => {
      await requestJob('nobodys')
      return log.mock.calls.length > 0
    })
    expect(log.mock.calls[0]![0]).toMatch(/^The job nobodys could not be requested: .*does not exist/)
  })

  test('that fail leave their reason in the log and in the queue, to be tried again', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => log.mockRestore())
    const work = job(() => Promise.reject(new Error('no paper')))
    startJobs(url(), [work])
    await until(async () => (await stored(work.name))[0]?.state === 'retry')
    expect((await stored(work.name))[0]!.output?.message).toBe('no paper')
    expect(log.mock.calls.flat()).toContain(`The job ${work.name} failed: no paper`)
  })

  test('stop with the server: told at once, waited for half a second, and no connection stays', async () => {
    let received = false
    const work = job(
      stopping =>
        new Promise(resolve => {
          stopping.addEventListener('abort', () => {
            received = true
            setTimeout(resolve, 100)
          })
        })
    )
    startJobs(url(), [work])
    await until(async () => (await stored(work.name))[0]?.state === 'active')
    expect(await connections()).toBeLessThanOrEqual(2)
    const started = performance.now()
    await stopJobs()
    expect(performance.now() - started).toBeLessThan(1_000)
    expect(received).toBe(true)
    await until(async () => (await connections()) === 0)
  })

  test('that do not end hold no server up', async () => {
    const work = job(() => new Promise(() => {}))
    startJobs(url(), [work])
    await until(async () => (await stored(work.name))[0]?.state === 'active')
    const started = performance.now()
    await stopJobs()
    expect(performance.now() - started).toBeLessThan(1_500)
    // It counts as failed, and is tried again.
    await until(async () => (await stored(work.name))[0]?.state === 'retry')
  })

  test('start as soon as the database answers, and say why they did not', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => log.mockRestore())
    const away = new URL(url())
    away.port = '1'
    startJobs(away.href, [job(() => Promise.resolve())])
    await until(() => log.mock.calls.length > 1)
    expect(jobsAreRunning()).toBe(false)
    expect(log.mock.calls[0]![0]).toMatch(/^Jobs could not be started: .*ECONNREFUSED/)
    const started = performance.now()
    await stopJobs()
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})

describe('the schema of the queue', () => {
  test.each([
    ['an owner', ann],
    ['an anonymous caller', anonymous]
  ] as const)('is closed to %s', (_, caller) =>
    session(caller, async ({ refusal }) => {
      for (const table of ['job', 'schedule', 'queue'])
        expect((await refusal(sql => sql.unsafe(`select * from pgboss.${table}`))).code).toBe('42501')
    })
  )

  test("is closed to service_role and to everybody's roles", async () => {
    expect(
      await as(
        service,
        sql =>
          sql`select role from unnest(array['anon', 'authenticated', 'service_role', 'authenticator']) as role where has_schema_privilege(role, 'pgboss', 'usage')`
      )
    ).toEqual([])
  })
})
