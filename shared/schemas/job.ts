import { z } from './zod'

/** Kinds of jobs: events to dispatch, mails to send, deliveries to webhooks, bulk operations. */
export const jobKinds = ['event', 'mail', 'delivery', 'bulk'] as const
export const jobStates = ['failed', 'running', 'waiting'] as const

/** The id of a job in a URL: its kind, a hyphen, and the id of its row. Bulk operations cannot be retried. */
export const retriableJob = z
  .string()
  .regex(/^(event-[1-9]\d{0,17}|(mail|delivery)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i)
