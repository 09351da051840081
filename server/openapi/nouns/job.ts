import { jobKinds, jobStates } from '#shared/schemas/job'
import type { Job, Jobs, Schedule } from '#shared/types/api'
import { pageQuery } from '#shared/schemas/page'
import { z } from '#shared/schemas/zod'
import { count, json, moment, page, row, type Noun } from '../describe'

const state = z.enum(jobStates)

const job = row<Job>()(
  'Job',
  'Something that waits to be done for a team, or has failed.',
  z.object({
    id: z.string().describe('The kind, a hyphen, and its id in its queue.'),
    kind: z.enum(jobKinds),
    type: z.string().describe('The type of the event or delivery, the kind of mail, the action of a bulk change.'),
    about: z.string().nullable().describe('The ticket, the recipient, the webhook, or how far a bulk change has come.'),
    state,
    attempts: count,
    next_attempt_at: moment.nullable().describe('Null where nothing will try it again by itself.'),
    error: z.string().nullable(),
    created_at: moment
  })
)

const schedule = row<Schedule>()(
  'Schedule',
  'What the server does by the clock, for all teams.',
  z.object({
    name: z.string(),
    cron: z.string().describe('Five fields, in UTC.'),
    completed_at: moment.nullable(),
    failed_at: moment.nullable()
  })
)

const jobList = row<Jobs>()(
  'Jobs',
  'At most 100 jobs: failures first, then what comes next.',
  z.object({ counts: z.object({ failed: count, running: count, waiting: count }), jobs: z.array(job), schedules: z.array(schedule) })
)

export const jobs: Noun = {
  name: 'Jobs',
  description: 'What no request waits for: events to be told, mails, deliveries to webhooks, bulk changes.',
  routes: {
    'GET /teams/[teamId]/jobs': {
      id: 'listJobs',
      summary: 'List what waits and what failed',
      permission: 'jobs.manage',
      query: pageQuery,
      description: 'With `page`, a page of the jobs alone.',
      answers: { 200: json(z.union([jobList, page(job)]), 'The jobs of the team: failures first, then what comes next.') }
    },
    'POST /teams/[teamId]/jobs/[jobId]/retry': {
      id: 'retryJob',
      summary: 'Try a job again now',
      description: 'An event, a mail or a delivery. What is done or under way is not there.',
      permission: 'jobs.manage',
      answers: { 204: { description: 'It is tried again.' } },
      refusals: { 409: '`switched_off`: the webhook is.' }
    }
  }
}
