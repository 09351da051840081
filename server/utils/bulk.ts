import type { H3Event } from 'h3'
import type { BulkOperation } from '#shared/types/api'
import { bulkOperationsJob } from '../jobs/bulk-operations'
import { requestJob } from '../jobs/boss'

/** 200 with what is done; 202 with what a job does from now on. */
export async function accepted<T extends Pick<BulkOperation, 'status'>>(event: H3Event, operation: T): Promise<T> {
  if (operation.status === 'waiting' || operation.status === 'undoing') {
    setResponseStatus(event, 202)
    await requestJob(bulkOperationsJob.name)
  }
  return operation
}
