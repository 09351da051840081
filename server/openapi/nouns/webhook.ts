import { deliveryQuery, deliveryStates, webhookCreate, webhookEvents, webhookUpdate } from '#shared/schemas/webhook'
import type { Webhook, WebhookAttempt, WebhookDelivery, WebhookDeliveryDetail, WebhookWithSecret } from '#shared/types/api'
import { pageQuery } from '#shared/schemas/page'
import { z } from '#shared/schemas/zod'
import { count, cursorPage, deleted, id, json, list, moment, oldSignIn, page, row, type Noun } from '../describe'
import { person } from './person'

const error = z
  .enum(['timeout', 'refused', 'dns', 'tls', 'private_address', 'redirect', 'status', 'gone', 'too_large', 'protocol', 'switched_off'])
  .describe(
    'Why it was not taken: `status` is any answer but 2xx, `redirect` one of 3xx, which is not followed, `switched_off` says that it was not tried any more.'
  )
const status = z.int().nullable().describe('The status that the receiver answered; null where no answer came.')

const deliveryFields = {
  id: id.describe('The header `webhook-id`: the same for each attempt.'),
  type: z.enum([...webhookEvents, 'ping']),
  event_id: z.number().nullable().describe('Null for a test.'),
  ticket_number: z.int().nullable(),
  state: z.enum(deliveryStates),
  attempts: count,
  next_attempt_at: moment.nullable(),
  last_status: status,
  last_error: error.nullable(),
  delivered_at: moment.nullable(),
  created_at: moment
}

const webhookFields = {
  id,
  name: z.string(),
  url: z.string(),
  events: z.array(z.enum(webhookEvents)),
  is_active: z.boolean(),
  disabled_at: moment.nullable().describe('When the server has switched it off; null where a person did.'),
  disabled_reason: z.enum(['failing', 'gone']).nullable().describe('`failing`: for 75 hours nothing was taken; `gone`: it answered 410.'),
  failing_since: moment.nullable().describe('The first of the failures since the last success.'),
  created_by: person.nullable(),
  created_at: moment,
  updated_at: moment,
  last_delivery: z
    .object({
      id,
      type: deliveryFields.type,
      state: deliveryFields.state,
      last_status: status,
      last_error: error.nullable(),
      created_at: moment
    })
    .nullable()
}

const webhook = row<Webhook>()('Webhook', 'An address that is told of events.', z.object(webhookFields))
const withSecret = row<WebhookWithSecret>()(
  'WebhookWithSecret',
  'A webhook with its secret, which is shown this once.',
  z.object({ ...webhookFields, secret: z.string() })
)
const delivery = row<WebhookDelivery>()('WebhookDelivery', 'An event on its way to a webhook.', z.object(deliveryFields))
const attempt = row<WebhookAttempt>()(
  'WebhookAttempt',
  'One time that a delivery was tried.',
  z.object({
    number: z.int(),
    started_at: moment,
    duration_ms: count,
    status,
    error: error.nullable(),
    response: z.string().nullable().describe('The first 4 kB of the answer.')
  })
)
const detail = row<WebhookDeliveryDetail>()(
  'WebhookDeliveryDetail',
  'A delivery with what is sent and how each attempt went.',
  z.object({
    ...deliveryFields,
    payload: z.string().describe('The body, byte for byte.'),
    tries: z.array(attempt).describe('The newest first.')
  })
)

const switchedOff = { 409: '`switched_off`: the webhook has to be switched on first.' }
const refusedUrl = '`url_refused`: the URL leads to where no webhook may go; `data.rule` names the rule.'

export const webhooks: Noun = {
  name: 'Webhooks',
  description:
    'Addresses of yours that are told what happens to tickets: a signed POST for each event, tried ten times in 75 hours until it is answered with 2xx.',
  routes: {
    'GET /teams/[teamId]/webhooks': {
      id: 'listWebhooks',
      summary: 'List webhooks',
      permission: 'webhooks.manage',
      query: pageQuery,
      answers: { 200: list(webhook, "The team's webhooks, the oldest first.") }
    },
    'POST /teams/[teamId]/webhooks': {
      id: 'createWebhook',
      summary: 'Add a webhook',
      permission: 'webhooks.manage',
      body: webhookCreate,
      description:
        'Without `secret` one is made. The answer is the only place where it is shown. `comment.created` is another name of `reply.created`.',
      answers: { 201: json(withSecret, 'The new webhook and its secret.') },
      refusals: { 403: oldSignIn, 422: `${refusedUrl} \`limit\`: a team has at most 20 webhooks.` }
    },
    'PATCH /teams/[teamId]/webhooks/[webhookId]': {
      id: 'updateWebhook',
      summary: 'Change a webhook',
      description: 'Switching it on again forgets why it was off. Another URL needs a recent sign-in.',
      permission: 'webhooks.manage',
      body: webhookUpdate,
      answers: { 200: json(webhook, 'The webhook as it is now.') },
      refusals: { 403: oldSignIn, 422: refusedUrl }
    },
    'DELETE /teams/[teamId]/webhooks/[webhookId]': {
      id: 'deleteWebhook',
      summary: 'Delete a webhook',
      description: 'With its deliveries.',
      permission: 'webhooks.manage',
      answers: deleted
    },
    'POST /teams/[teamId]/webhooks/[webhookId]/rotate-secret': {
      id: 'rotateWebhookSecret',
      summary: 'Replace the secret of a webhook',
      description: 'The one before signs beside it for another 24 hours.',
      permission: 'webhooks.manage',
      answers: { 200: json(withSecret, 'The webhook and its new secret.') },
      refusals: { 403: oldSignIn }
    },
    'POST /teams/[teamId]/webhooks/[webhookId]/test': {
      id: 'testWebhook',
      summary: 'Send a test',
      description: 'A delivery of the type `ping`.',
      permission: 'webhooks.manage',
      answers: { 201: json(detail, 'The delivery, which is sent at once.') },
      refusals: switchedOff
    },
    'GET /teams/[teamId]/webhooks/[webhookId]/deliveries': {
      id: 'listWebhookDeliveries',
      summary: 'List the deliveries of a webhook',
      description: 'The newest first, of the last 30 days: with `page` a page with the total, else one behind `cursor`.',
      permission: 'webhooks.manage',
      query: deliveryQuery,
      answers: { 200: json(z.union([page(delivery), cursorPage(delivery)]), 'A page of deliveries.') }
    },
    'GET /teams/[teamId]/webhooks/[webhookId]/deliveries/[deliveryId]': {
      id: 'getWebhookDelivery',
      summary: 'Read a delivery',
      permission: 'webhooks.manage',
      answers: { 200: json(detail, 'The delivery.') }
    },
    'POST /teams/[teamId]/webhooks/[webhookId]/deliveries/[deliveryId]/redeliver': {
      id: 'redeliverWebhook',
      summary: 'Send a delivery again',
      description: 'The same bytes under the same id, with ten more tries.',
      permission: 'webhooks.manage',
      answers: { 200: json(detail, 'The delivery, which is sent at once.') },
      refusals: switchedOff
    }
  }
}
