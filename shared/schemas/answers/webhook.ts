import { count, id, timestamp } from '../answer'
import { deliveryStates, webhookEvents } from '../webhook'
import { z } from '../zod'
import { person } from './person'

const error = z
  .enum(['timeout', 'refused', 'dns', 'tls', 'private_address', 'redirect', 'status', 'gone', 'too_large', 'protocol', 'switched_off'])
  .describe(
    'Why the attempt failed: `status` means an answer other than 2xx, `redirect` an answer 3xx, which is not followed, `switched_off` that ' +
      'the webhook was switched off before the attempt.'
  )
const status = z.int().nullable().describe("The HTTP status of the receiver's answer; null if none came.")

export const webhookDelivery = z
  .object({
    id: id.describe('The header `webhook-id`, the same in every attempt.'),
    type: z.enum([...webhookEvents, 'ping']),
    event_id: z.number().nullable().describe('Null for a test delivery.'),
    ticket_number: z.int().nullable(),
    state: z.enum(deliveryStates),
    attempts: count,
    next_attempt_at: timestamp.nullable(),
    last_status: status,
    last_error: error.nullable(),
    delivered_at: timestamp.nullable(),
    created_at: timestamp
  })
  .meta({ id: 'WebhookDelivery', description: 'The delivery of an event to a webhook.' })

export const webhook = z
  .object({
    id,
    name: z.string(),
    url: z.string(),
    events: z.array(z.enum(webhookEvents)),
    is_active: z.boolean(),
    disabled_at: timestamp.nullable().describe('When the server switched it off; null if a person did.'),
    disabled_reason: z
      .enum(['failing', 'gone'])
      .nullable()
      .describe('`failing`: every attempt failed for 75 hours; `gone`: the receiver answered 410.'),
    failing_since: timestamp.nullable().describe('The first failure since the last success.'),
    created_by: person.nullable(),
    created_at: timestamp,
    updated_at: timestamp,
    last_delivery: webhookDelivery
      .pick({ type: true, state: true, last_status: true, last_error: true, created_at: true })
      .extend({ id })
      .nullable()
  })
  .meta({ id: 'Webhook', description: 'A URL that receives events.' })

export const webhookWithSecret = z
  .object({ ...webhook.shape, secret: z.string() })
  .meta({ id: 'WebhookWithSecret', description: 'A webhook with its secret, which no later answer contains.' })

const attempt = z
  .object({
    number: z.int(),
    started_at: timestamp,
    duration_ms: count,
    status,
    error: error.nullable(),
    response: z.string().nullable().describe('The first 4 kB of the response body.')
  })
  .meta({ id: 'WebhookAttempt', description: 'One attempt to deliver.' })

export const webhookDeliveryDetail = z
  .object({
    ...webhookDelivery.shape,
    payload: z.string().describe('The request body, byte for byte.'),
    tries: z.array(attempt).describe('All attempts, the newest first.')
  })
  .meta({ id: 'WebhookDeliveryDetail', description: 'A delivery with its payload and the result of each attempt.' })

export type WebhookError = z.output<typeof error>
export type Webhook = z.output<typeof webhook>
export type WebhookWithSecret = z.output<typeof webhookWithSecret>
export type WebhookDelivery = z.output<typeof webhookDelivery>
export type WebhookAttempt = z.output<typeof attempt>
export type WebhookDeliveryDetail = z.output<typeof webhookDeliveryDetail>
