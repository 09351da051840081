import type { H3Event } from 'h3'
import type { BulkOperation } from '#shared/types/api'
import { bulkOperationsJob } from '../jobs/bulk-operations'
import { requestJob } from '../jobs/boss'

/** Answers 200 for a finished bulk operation, else 202, and asks the job to continue it. */
export async function sendAccepted<T extends Pick<BulkOperation, 'status'>>(event: H3Event, operation: T): Promise<T> {
  if (operation.status === 'waiting' || operation.status === 'undoing') {
    setResponseStatus(event, 202)
    await requestJob(bulkOperationsJob.name)
  }
  return operation
}
