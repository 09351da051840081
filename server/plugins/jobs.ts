import { cleanupWorker } from '../jobs/cleanups'
import { deliverWebhooks } from '../jobs/deliver-webhooks'
import { dispatchWorker } from '../jobs/dispatch-events'
import { startJobs } from '../jobs/boss'
import { schedule } from '../jobs/schedule'
import { mailWorker } from '../jobs/send-mails'
import { simulationWorker } from '../jobs/simulate-sla'
import { clockWorker } from '../jobs/mark-due-clocks'
import { wakeWorker } from '../jobs/wake-snoozed-tickets'
import { startWorkers } from '../jobs/worker'

// NITRO_JOBS=off: this process serves requests only, and other processes run the jobs.
export default defineNitroPlugin(() => {
  const {
    databaseUrl,
    webhookRetryScale,
    public: { siteUrl }
  } = useRuntimeConfig()
  const deliverWorker = deliverWebhooks({ policy: addressPolicy(), scale: Number(webhookRetryScale) || 1 })
  const isWorking = process.env.NITRO_JOBS !== 'off'
  startJobs(databaseUrl, isWorking ? schedule : [])
  startWorkers(
    databaseUrl,
    isWorking ? [dispatchWorker, mailWorker(siteUrl), wakeWorker, clockWorker, deliverWorker, cleanupWorker, simulationWorker] : []
  )
})
