import type { H3Event } from 'h3'
import type { BulkOperation } from '#shared/types/api'
import { bulkOperationsJob } from '../jobs/bulk-operations'
import { requestJob } from '../jobs/boss'

/** 200 for an operation that is finished; 202, and a request to the job, for one that is not. */
export async function sendAccepted<T extends Pick<BulkOperation, 'status'>>(event: H3Event, operation: T): Promise<T> {
  if (operation.status === 'waiting' || operation.status === 'undoing') {
    setResponseStatus(event, 202)
    await requestJob(bulkOperationsJob.name)
  }
  return operation
}
