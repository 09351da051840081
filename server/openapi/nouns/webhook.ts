import { cursorPage, page } from '#shared/schemas/answers/page'
import { webhook, webhookDelivery, webhookDeliveryDetail, webhookWithSecret } from '#shared/schemas/answers/webhook'
import { pageQuery } from '#shared/schemas/page'
import { deliveryQuery, webhookCreate, webhookUpdate } from '#shared/schemas/webhook'
import { z } from '#shared/schemas/zod'
import { deleted, json, list, oldSignIn, type Noun } from '../describe'

const switchedOff = { 409: '`switched_off`: the webhook has to be switched on first.' }
const refusedUrl = '`url_refused`: the URL leads to where no webhook may go; `data.rule` names the rule.'

export const webhooks: Noun = {
  name: 'Webhooks',
  description:
    'URLs of yours that receive the events of tickets: a signed POST for each event, tried ten times in 75 hours until it is answered with 2xx.',
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
      answers: { 201: json(webhookWithSecret, 'The new webhook and its secret.') },
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
      answers: { 200: json(webhookWithSecret, 'The webhook and its new secret.') },
      refusals: { 403: oldSignIn }
    },
    'POST /teams/[teamId]/webhooks/[webhookId]/test': {
      id: 'testWebhook',
      summary: 'Send a test',
      description: 'A delivery of the type `ping`.',
      permission: 'webhooks.manage',
      answers: { 201: json(webhookDeliveryDetail, 'The delivery, which is sent at once.') },
      refusals: switchedOff
    },
    'GET /teams/[teamId]/webhooks/[webhookId]/deliveries': {
      id: 'listWebhookDeliveries',
      summary: 'List the deliveries of a webhook',
      description: 'The newest first, of the last 30 days: with `page` a page with the total, else one behind `cursor`.',
      permission: 'webhooks.manage',
      query: deliveryQuery,
      answers: { 200: json(z.union([page(webhookDelivery), cursorPage(webhookDelivery)]), 'A page of deliveries.') }
    },
    'GET /teams/[teamId]/webhooks/[webhookId]/deliveries/[deliveryId]': {
      id: 'getWebhookDelivery',
      summary: 'Read a delivery',
      permission: 'webhooks.manage',
      answers: { 200: json(webhookDeliveryDetail, 'The delivery.') }
    },
    'POST /teams/[teamId]/webhooks/[webhookId]/deliveries/[deliveryId]/redeliver': {
      id: 'redeliverWebhook',
      summary: 'Send a delivery again',
      description: 'The same bytes under the same id, with ten more tries.',
      permission: 'webhooks.manage',
      answers: { 200: json(webhookDeliveryDetail, 'The delivery, which is sent at once.') },
      refusals: switchedOff
    }
  }
}
