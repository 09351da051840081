import { bulkOperationsJob, removeBulkOperationsJob } from '../jobs/bulk-operations'
import { closeResolvedTicketsJob } from '../jobs/close-resolved-tickets'
import { startJobs } from '../jobs/queue'

// NITRO_JOBS=off makes a process that serves the web alone, and leaves the work to others.
export default defineNitroPlugin(() => {
  const jobs = process.env.NITRO_JOBS === 'off' ? [] : [closeResolvedTicketsJob, bulkOperationsJob, removeBulkOperationsJob]
  startJobs(useRuntimeConfig().databaseUrl, jobs)
})
