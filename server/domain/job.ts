import { sql } from 'kysely'
import type { PageQuery } from '#shared/schemas/page'
import type { Job, Jobs, Page, Schedule } from '#shared/types/api'
import type { Db } from '../db/types'

const listLimit = 100

/**
 * The unfinished and failed jobs of a team: failures first, then by next attempt. Without `page` it returns the first 100, the counts by
 * state, and the schedules.
 */
export async function listJobs(db: Db, teamId: string, { page, page_size }: PageQuery): Promise<Jobs | Page<Job>> {
  const { rows: counts } = await sql<{ state: Job['state']; count: number }>`
    select state, count(*)::integer as count from private.team_jobs(${teamId}) group by state`.execute(db)
  const [limit, offset] = page === undefined ? [listLimit, 0] : [page_size, (page - 1) * page_size]
  const { rows: jobs } = await sql<Job>`
    select kind || '-' || id as id, kind, type, about, state, attempts, next_attempt_at, error, created_at from private.team_jobs(${teamId}) as job
    order by array_position(array['failed', 'running', 'waiting'], state), case when state = 'failed' then created_at end desc, next_attempt_at, created_at, kind, job.id
    limit ${limit} offset ${offset}`.execute(db)
  if (page !== undefined) return { data: jobs, total: counts.reduce((total, { count }) => total + count, 0), page, page_size }
  const { rows: schedules } = await sql<Schedule>`select name, cron, completed_at, failed_at from private.schedules()`.execute(db)
  const count = (state: Job['state']) => counts.find(row => row.state === state)?.count ?? 0
  return { counts: { failed: count('failed'), running: count('running'), waiting: count('waiting') }, jobs, schedules }
}

/** Makes a job due now. Throws 404 for a finished or running job, 409 for a delivery of a webhook that is switched off. */
export async function retryJob(db: Db, teamId: string, jobId: string): Promise<void> {
  const [kind, ...id] = jobId.split('-')
  await sql`select private.retry_job(${teamId}, ${kind}, ${id.join('-')})`.execute(db)
}
