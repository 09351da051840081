import { pageQuery } from '#shared/schemas/page'
import { listJobs } from '#server/domain/job'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'jobs.manage')
  const query = parseQuery(event, pageQuery)
  return db(tx => listJobs(tx, teamId, query))
})
