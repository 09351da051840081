import { job, jobList } from '#shared/schemas/answers/job'
import { page } from '#shared/schemas/answers/page'
import { pageQuery } from '#shared/schemas/page'
import { z } from '#shared/schemas/zod'
import { json, type Noun } from '../describe'

export const jobs: Noun = {
  name: 'Jobs',
  description: 'Work in the background: events, mails, deliveries to webhooks, bulk changes.',
  routes: {
    'GET /teams/[teamId]/jobs': {
      id: 'listJobs',
      summary: 'List jobs',
      permission: 'jobs.manage',
      query: pageQuery,
      description: 'With `page`, a page of the jobs alone.',
      answers: { 200: json(z.union([jobList, page(job)]), 'The jobs of the team: failures first, then what comes next.') }
    },
    'POST /teams/[teamId]/jobs/[jobId]/retry': {
      id: 'retryJob',
      summary: 'Try a job again now',
      description: 'An event, a mail or a delivery. 404 for a job that is done or running.',
      permission: 'jobs.manage',
      answers: { 204: { description: 'It is tried again.' } },
      refusals: { 409: '`switched_off`: the webhook is.' }
    }
  }
}
