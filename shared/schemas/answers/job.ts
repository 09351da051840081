import { count, timestamp } from '../answer'
import { jobKinds, jobStates } from '../job'
import { z } from '../zod'

export const job = z
  .object({
    id: z.string().describe('The kind, a hyphen, and its id in its queue.'),
    kind: z.enum(jobKinds),
    type: z.string().describe('The type of the event or delivery, the kind of mail, the action of a bulk change.'),
    about: z
      .string()
      .nullable()
      .describe('The ticket, the recipient, the webhook, or how far a bulk change has come; null for what concerns the whole team.'),
    state: z.enum(jobStates),
    attempts: count,
    next_attempt_at: timestamp.nullable().describe('Null where nothing will try it again by itself.'),
    error: z.string().nullable(),
    created_at: timestamp
  })
  .meta({ id: 'Job', description: 'A job of the team that waits, runs or has failed.' })

const schedule = z
  .object({
    name: z.string(),
    cron: z.string().describe('Five fields, in UTC.'),
    completed_at: timestamp.nullable(),
    failed_at: timestamp.nullable()
  })
  .meta({ id: 'Schedule', description: 'Recurring work of the server, for all teams.' })

export const jobList = z
  .object({
    counts: z.object({ failed: count, running: count, waiting: count }),
    jobs: z.array(job),
    schedules: z.array(schedule)
  })
  .meta({ id: 'Jobs', description: 'At most 100 jobs: failures first, then what comes next.' })

export type Job = z.output<typeof job>
export type Schedule = z.output<typeof schedule>
export type Jobs = z.output<typeof jobList>
