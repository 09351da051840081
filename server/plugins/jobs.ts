import { closeResolvedTicketsJob } from '../jobs/close-resolved-tickets'
import { startJobs } from '../jobs/queue'

// NITRO_JOBS=off makes a process that serves the web alone.
export default defineNitroPlugin(() => {
  if (process.env.NITRO_JOBS === 'off') return
  startJobs(useRuntimeConfig().databaseUrl, [closeResolvedTicketsJob])
})
