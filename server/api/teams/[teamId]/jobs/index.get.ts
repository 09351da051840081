import { listJobs } from '#server/domain/job'

export default defineEventHandler(async (event) => {
  const { teamId, db } = await authUser(event, 'jobs.manage')
  return db(tx => listJobs(tx, teamId))
})
