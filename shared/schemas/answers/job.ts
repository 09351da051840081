import { count, timestamp } from '../answer'
import { jobKinds, jobStates } from '../job'
import { z } from '../zod'

export const job = z
  .object({
    id: z.string().describe('The kind, a hyphen, and the id of its row.'),
    kind: z.enum(jobKinds),
    type: z.string().describe('The type of the event or delivery, the kind of mail, or the action of the bulk operation.'),
    about: z
      .string()
      .nullable()
      .describe('The ticket, the recipient, the webhook, or the progress of a bulk operation; null if the job concerns the whole team.'),
    state: z.enum(jobStates),
    attempts: count,
    next_attempt_at: timestamp.nullable().describe('Null if it is not retried automatically.'),
    error: z.string().nullable(),
    created_at: timestamp
  })
  .meta({ id: 'Job', description: 'A waiting, running or failed job of the team.' })

const schedule = z
  .object({
    name: z.string(),
    cron: z.string().describe('Five fields, in UTC.'),
    completed_at: timestamp.nullable(),
    failed_at: timestamp.nullable()
  })
  .meta({ id: 'Schedule', description: 'Scheduled work that the server does for all teams.' })

export const jobList = z
  .object({
    counts: z.object({ failed: count, running: count, waiting: count }),
    jobs: z.array(job),
    schedules: z.array(schedule)
  })
  .meta({ id: 'Jobs', description: 'At most 100 jobs: failed ones first, then by their next attempt.' })

export type Job = z.output<typeof job>
export type Schedule = z.output<typeof schedule>
export type Jobs = z.output<typeof jobList>
