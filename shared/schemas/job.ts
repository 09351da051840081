import { z } from './zod'

/** Where work waits: events to be told, mails to be sent, deliveries to webhooks, bulk changes. */
export const jobKinds = ['event', 'mail', 'delivery', 'bulk'] as const
export const jobStates = ['failed', 'running', 'waiting'] as const

/** A job's place in its address: its kind, a hyphen, and its id there. Bulk changes are not tried again. */
export const retriableJob = z
  .string()
  .regex(/^(event-[1-9]\d{0,17}|(mail|delivery)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i)
