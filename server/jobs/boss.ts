import { setTimeout as sleep } from 'node:timers/promises'
import { PgBoss } from 'pg-boss'
import { reasonOf } from './error-text'

/** Background work. It may run on several servers at once, and again after a crash. */
export interface Job {
  name: string
  /** Seconds between two polls for requests; 10 by default. */
  pollSeconds?: number
  /** Does all the work that is due, or returns early when `stopping` is aborted. */
  run: (stopping: AbortSignal) => Promise<void>
}

export interface ScheduledJob extends Job {
  /** In UTC. It also runs at the start of each server. */
  cron: string
}

interface Queue {
  stop: () => Promise<void>
  isRunning: () => boolean
  request: (name: string) => Promise<void>
}

const shutdownGraceMs = 500

let queue: Queue | undefined

/** Runs `jobs` in this process as soon as the database answers. A process without jobs can still request those of others. */
export function startJobs(databaseUrl: string, jobs: ScheduledJob[]): void {
  queue ??= open(databaseUrl, jobs)
}

/** Gives running jobs half a second to finish. An interrupted job runs again later. */
export async function stopJobs(): Promise<void> {
  const stopping = queue
  queue = undefined
  await stopping?.stop()
}

/** Runs a job now, here or on another server. Logs a failed request: the job still runs on its schedule. */
export async function requestJob(name: string): Promise<void> {
  await queue?.request(name)
}

/** True for a process without jobs. */
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
        for (const job of jobs) workers.set(job.name, await startWorker(candidate, job, stopping.signal, running))
        boss = candidate
        return
      } catch (error) {
        logError('Jobs could not be started', error)
        await close(candidate)
        await sleep(delay, undefined, { signal: stopping.signal, ref: false }).catch(() => {
          /* aborted: the loop ends */
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
        logError(`The job ${name} could not be requested`, error)
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
    createSchema: false // a migration creates it, with its grants
  })
  let lastReason = ''
  boss.on('error', error => {
    // While the database is unreachable every poll fails the same way: log it once.
    const reason = reasonOf(error)
    if (reason !== lastReason) logError('The job queue has a problem', error)
    lastReason = reason
  })
  boss.on('warning', warning => console.warn(`Job queue: ${warning.message}`))
  return boss
}

async function startWorker(
  boss: PgBoss,
  { name, cron, pollSeconds = 10, run }: ScheduledJob,
  stopping: AbortSignal,
  running: Set<Promise<void>>
): Promise<string> {
  const options = { retryLimit: 3, retryDelay: 30, retryBackoff: true, expireInSeconds: 3600 }
  // "short": the queue holds at most one waiting request, however many servers send one.
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
      logError(`The job ${name} failed`, error)
      throw error // pg-boss stores it and retries
    } finally {
      running.delete(work)
    }
  })
}

async function close(boss: PgBoss): Promise<void> {
  try {
    await boss.stop({ graceful: false })
  } catch (error) {
    logError('The job queue could not be closed', error)
  }
}

function logError(message: string, error: unknown): void {
  console.error(`${message}: ${reasonOf(error)}`)
}
