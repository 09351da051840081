import { bulkOperationsJob, removeBulkOperationsJob } from '../jobs/bulk-operations'
import { cleanupWorker } from '../jobs/cleanups'
import { closeResolvedTicketsJob } from '../jobs/close-resolved-tickets'
import { deliverWebhooks, removeDeliveriesJob } from '../jobs/deliver-webhooks'
import { dispatchWorker } from '../jobs/dispatch-events'
import { removeBudgetsJob } from '../jobs/remove-budgets'
import { removeIdempotencyKeysJob } from '../jobs/remove-idempotency-keys'
import { removeNotificationsJob } from '../jobs/remove-notifications'
import { startJobs } from '../jobs/boss'
import { mailWorker, removeMailsJob } from '../jobs/send-mails'
import { wakeWorker } from '../jobs/wake-snoozed-tickets'
import { startWorkers } from '../jobs/worker'

// NITRO_JOBS=off makes a process that serves the web alone, and leaves the work to others.
export default defineNitroPlugin(() => {
  const { databaseUrl, webhookRetryScale, public: { siteUrl } } = useRuntimeConfig()
  const deliverWorker = deliverWebhooks({ policy: addressPolicy(), scale: Number(webhookRetryScale) || 1 })
  const isWorking = process.env.NITRO_JOBS !== 'off'
  startJobs(databaseUrl, isWorking ? [closeResolvedTicketsJob, bulkOperationsJob, removeBulkOperationsJob, removeMailsJob, removeIdempotencyKeysJob, removeBudgetsJob, removeNotificationsJob, removeDeliveriesJob] : [])
  startWorkers(databaseUrl, isWorking ? [dispatchWorker, mailWorker(siteUrl), wakeWorker, deliverWorker, cleanupWorker] : [])
})
