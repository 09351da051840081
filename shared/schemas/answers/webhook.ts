import { count, id, timestamp } from '../answer'
import { deliveryStates, webhookEvents } from '../webhook'
import { z } from '../zod'
import { person } from './person'

const error = z
  .enum(['timeout', 'refused', 'dns', 'tls', 'private_address', 'redirect', 'status', 'gone', 'too_large', 'protocol', 'switched_off'])
  .describe(
    'Why the attempt failed: `status` is any answer but 2xx, `redirect` one of 3xx, which is not followed, `switched_off` says that ' +
      'it was not tried any more.'
  )
const status = z.int().nullable().describe('The status that the receiver answered; null where no answer came.')

export const webhookDelivery = z
  .object({
    id: id.describe('The header `webhook-id`: the same for each attempt.'),
    type: z.enum([...webhookEvents, 'ping']),
    event_id: z.number().nullable().describe('Null for a test.'),
    ticket_number: z.int().nullable(),
    state: z.enum(deliveryStates),
    attempts: count,
    next_attempt_at: timestamp.nullable(),
    last_status: status,
    last_error: error.nullable(),
    delivered_at: timestamp.nullable(),
    created_at: timestamp
  })
  .meta({ id: 'WebhookDelivery', description: 'An event and its delivery to a webhook.' })

export const webhook = z
  .object({
    id,
    name: z.string(),
    url: z.string(),
    events: z.array(z.enum(webhookEvents)),
    is_active: z.boolean(),
    disabled_at: timestamp.nullable().describe('When the server switched it off; null where a person did.'),
    disabled_reason: z
      .enum(['failing', 'gone'])
      .nullable()
      .describe('`failing`: every attempt of 75 hours failed; `gone`: it answered 410.'),
    failing_since: timestamp.nullable().describe('The first of the failures since the last success.'),
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
  .meta({ id: 'WebhookWithSecret', description: 'A webhook with its secret, which is shown this once.' })

const attempt = z
  .object({
    number: z.int(),
    started_at: timestamp,
    duration_ms: count,
    status,
    error: error.nullable(),
    response: z.string().nullable().describe('The first 4 kB of the answer.')
  })
  .meta({ id: 'WebhookAttempt', description: 'One attempt of a delivery.' })

export const webhookDeliveryDetail = z
  .object({
    ...webhookDelivery.shape,
    payload: z.string().describe('The body, byte for byte.'),
    tries: z.array(attempt).describe('The newest first.')
  })
  .meta({ id: 'WebhookDeliveryDetail', description: 'A delivery with what is sent and how each attempt went.' })

export type WebhookError = z.output<typeof error>
export type Webhook = z.output<typeof webhook>
export type WebhookWithSecret = z.output<typeof webhookWithSecret>
export type WebhookDelivery = z.output<typeof webhookDelivery>
export type WebhookAttempt = z.output<typeof attempt>
export type WebhookDeliveryDetail = z.output<typeof webhookDeliveryDetail>
