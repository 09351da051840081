import type { ScheduledJob } from './boss'
import { bulkOperationsJob, removeBulkOperationsJob } from './bulk-operations'
import { closeResolvedTicketsJob } from './close-resolved-tickets'
import { countArticleWordsJob } from './count-article-words'
import { removeDeliveriesJob } from './deliver-webhooks'
import { removeArticleQuestionsJob } from './remove-article-questions'
import { removeBudgetsJob } from './remove-budgets'
import { removeIdempotencyKeysJob } from './remove-idempotency-keys'
import { removeMergesJob } from './remove-merges'
import { removeNotificationsJob } from './remove-notifications'
import { renewCalendarsJob } from './renew-calendars'
import { rescanFilesJob } from './rescan-files'
import { removeMailsJob } from './send-mails'
import { removeSimulationsJob } from './simulate-sla'
import { sweepUploadsJob } from './sweep-uploads'

/** Every job with its schedule. Work that may become due at any time is a worker: server/plugins/jobs.ts. */
export const schedule: ScheduledJob[] = [
  { cron: '* * * * *', ...bulkOperationsJob },
  { cron: '*/5 * * * *', ...rescanFilesJob },
  { cron: '3/10 * * * *', ...sweepUploadsJob },
  { cron: '0 * * * *', ...closeResolvedTicketsJob },
  { cron: '15 * * * *', ...removeIdempotencyKeysJob },
  { cron: '20 * * * *', ...removeDeliveriesJob },
  { cron: '25 * * * *', ...removeBudgetsJob },
  { cron: '30 * * * *', ...removeBulkOperationsJob },
  { cron: '40 * * * *', ...removeSimulationsJob },
  { cron: '50 * * * *', ...countArticleWordsJob },
  { cron: '20 3 * * *', ...removeNotificationsJob },
  { cron: '25 3 * * *', ...removeArticleQuestionsJob },
  { cron: '35 3 * * *', ...removeMergesJob },
  { cron: '45 3 * * *', ...removeMailsJob },
  { cron: '55 3 * * *', ...renewCalendarsJob }
]
