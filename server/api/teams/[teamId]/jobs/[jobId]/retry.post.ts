import { retryJob } from '#server/domain/job'
import { retriableJob } from '#shared/schemas/job'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'jobs.manage')
  const jobId = param(event, 'jobId', retriableJob)
  await db(tx => retryJob(tx, teamId, jobId))
  return noContent(event)
})
