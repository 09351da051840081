import { job, jobList } from '#shared/schemas/answers/job'
import { page } from '#shared/schemas/answers/page'
import { pageQuery } from '#shared/schemas/page'
import { z } from '#shared/schemas/zod'
import { json, type Noun } from '../describe'

export const jobs: Noun = {
  name: 'Jobs',
  description: 'Background work: events, mails, webhook deliveries and bulk changes.',
  routes: {
    'GET /teams/[teamId]/jobs': {
      id: 'listJobs',
      summary: 'List jobs',
      permission: 'jobs.manage',
      query: pageQuery,
      description: 'With `page`, the answer is a page of jobs, without counts and schedules.',
      answers: { 200: json(z.union([jobList, page(job)]), 'The jobs of the team: failed jobs first, then by their next attempt.') }
    },
    'POST /teams/[teamId]/jobs/[jobId]/retry': {
      id: 'retryJob',
      summary: 'Try a job again now',
      description: 'The job can be an event, a mail or a delivery. The answer is 404 for a job that is done or running.',
      permission: 'jobs.manage',
      answers: { 204: { description: 'The job runs again.' } },
      refusals: { 409: '`switched_off`: the webhook is switched off.' }
    }
  }
}
