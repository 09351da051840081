import { setTimeout as sleep } from 'node:timers/promises'
import { PgBoss } from 'pg-boss'
import { reasonOf } from './error-text'

/** Work that no request waits for. It may run on several servers at once, and again after a crash in the middle. */
export interface Job {
  name: string
  /** How often a server looks whether somebody has asked for it. Ten unless told. */
  pollSeconds?: number
  /** Does what there is to do, or the part that is done when `stopping` is aborted. */
  run: (stopping: AbortSignal) => Promise<void>
}

export interface ScheduledJob extends Job {
  /** When it runs, besides once at the start of each server: the five fields of cron, in UTC. */
  cron: string
}

interface Queue {
  stop: () => Promise<void>
  isRunning: () => boolean
  request: (name: string) => Promise<void>
}

const shutdownGraceMs = 500

let queue: Queue | undefined

/**
 * Runs `jobs` in this process from now on; where the database does not answer yet, as soon as it does. With none, the
 * process can still ask for those of others.
 */
export function startJobs(databaseUrl: string, jobs: ScheduledJob[]): void {
  queue ??= open(databaseUrl, jobs)
}

/** Lets running jobs come to a good end, for half a second; what is cut off is done again later. */
export async function stopJobs(): Promise<void> {
  const stopping = queue
  queue = undefined
  await stopping?.stop()
}

/**
 * Has a job run now, here or on another server. Where the queue cannot be asked, the log says so: the job comes at its
 * time all the same.
 */
export async function requestJob(name: string): Promise<void> {
  await queue?.request(name)
}

/** Whether this process runs its jobs; true as well where it has none to run. */
export function jobsAreRunning(): boolean {
  return queue?.isRunning() ?? true
}

function open(databaseUrl: string, jobs: ScheduledJob[]): Queue {
  const stopping = new AbortController()
  const running = new Set<Promise<void>>()
  const workers = new Map<string, string>()
  let boss: PgBoss | undefined

  const opened = (async () => {
    for (let delay = 250; !stopping.signal.aborted; delay = Math.min(2 * delay, 30_000)) {
      const candidate = createBoss(databaseUrl, jobs.length > 0)
      try {
        await candidate.start()
        for (const job of jobs) workers.set(job.name, await employ(candidate, job, stopping.signal, running))
        boss = candidate
        return
      } catch (error) {
        report('Jobs could not be started', error)
        await close(candidate)
        await sleep(delay, undefined, { signal: stopping.signal, ref: false }).catch(() => {
          /* asked to stop: the loop ends */
        })
      }
    }
  })()

  return {
    isRunning: () => boss !== undefined || jobs.length === 0,
    async request(name) {
      try {
        await boss?.send(name)
        const worker = workers.get(name)
        if (worker) boss?.notifyWorker(worker)
      } catch (error) {
        report(`The job ${name} could not be asked for`, error)
      }
    },
    async stop() {
      stopping.abort()
      await opened
      await Promise.race([Promise.allSettled(running), sleep(shutdownGraceMs, undefined, { ref: false })])
      if (boss) await close(boss)
    }
  }
}

function createBoss(databaseUrl: string, hasJobs: boolean): PgBoss {
  const boss = new PgBoss({
    connectionString: databaseUrl,
    application_name: 'switchboard: jobs',
    max: 2,
    supervise: hasJobs,
    schedule: hasJobs,
    schema: 'pgboss',
    createSchema: false // by a migration, with its grants
  })
  let last = ''
  boss.on('error', error => {
    // A database that is away answers every poll with the same error.
    const reason = reasonOf(error)
    if (reason !== last) report('The job queue has a problem', error)
    last = reason
  })
  boss.on('warning', warning => console.warn(`The job queue warns: ${warning.message}`))
  return boss
}

/** Answers the id of its worker. */
async function employ(
  boss: PgBoss,
  { name, cron, pollSeconds = 10, run }: ScheduledJob,
  stopping: AbortSignal,
  running: Set<Promise<void>>
): Promise<string> {
  const options = { retryLimit: 3, retryDelay: 30, retryBackoff: true, expireInSeconds: 3600 }
  // "short": however many servers ask for it, it waits in the queue once.
  await boss.createQueue(name, { policy: 'short', ...options })
  await boss.updateQueue(name, options)
  await boss.schedule(name, cron)
  await boss.send(name)
  return boss.work(name, { pollingIntervalSeconds: pollSeconds }, async () => {
    const work = run(stopping)
    running.add(work)
    try {
      await work
    } catch (error) {
      report(`The job ${name} failed`, error)
      throw error // the queue keeps it with the job, and tries again
    } finally {
      running.delete(work)
    }
  })
}

async function close(boss: PgBoss): Promise<void> {
  try {
    await boss.stop({ graceful: false })
  } catch (error) {
    report('The job queue could not be closed', error)
  }
}

function report(what: string, error: unknown): void {
  console.error(`${what}: ${reasonOf(error)}`)
}
