import { cursorPage, page } from '#shared/schemas/answers/page'
import { webhook, webhookDelivery, webhookDeliveryDetail, webhookWithSecret } from '#shared/schemas/answers/webhook'
import { pageQuery } from '#shared/schemas/page'
import { deliveryQuery, webhookCreate, webhookUpdate } from '#shared/schemas/webhook'
import { z } from '#shared/schemas/zod'
import { deleted, json, list, oldSignIn, type Noun } from '../describe'

const switchedOff = { 409: '`switched_off`: the webhook is switched off. Switch it on first.' }
const refusedUrl = '`url_refused`: webhooks must not call this URL; `data.rule` names the rule.'

export const webhooks: Noun = {
  name: 'Webhooks',
  description:
    'Your URLs that receive the events of tickets. Each event is a signed POST, which is tried up to ten times in 75 hours, until the answer is 2xx.',
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
        'Without `secret`, a new one is generated. Only this answer shows it. `comment.created` is another name for `reply.created`.',
      answers: { 201: json(webhookWithSecret, 'The new webhook and its secret.') },
      refusals: { 403: oldSignIn, 422: `${refusedUrl} \`limit\`: a team has at most 20 webhooks.` }
    },
    'PATCH /teams/[teamId]/webhooks/[webhookId]': {
      id: 'updateWebhook',
      summary: 'Change a webhook',
      description: 'Switching a webhook on clears the reason why it was switched off. A new URL needs a recent sign-in.',
      permission: 'webhooks.manage',
      body: webhookUpdate,
      answers: { 200: json(webhook, 'The webhook as it is now.') },
      refusals: { 403: oldSignIn, 422: refusedUrl }
    },
    'DELETE /teams/[teamId]/webhooks/[webhookId]': {
      id: 'deleteWebhook',
      summary: 'Delete a webhook',
      description: 'Deletes the webhook with its deliveries.',
      permission: 'webhooks.manage',
      answers: deleted
    },
    'POST /teams/[teamId]/webhooks/[webhookId]/rotate-secret': {
      id: 'rotateWebhookSecret',
      summary: 'Replace the secret of a webhook',
      description: 'For 24 hours, deliveries are also signed with the old secret.',
      permission: 'webhooks.manage',
      answers: { 200: json(webhookWithSecret, 'The webhook and its new secret.') },
      refusals: { 403: oldSignIn }
    },
    'POST /teams/[teamId]/webhooks/[webhookId]/test': {
      id: 'testWebhook',
      summary: 'Send a test',
      description: 'Sends a delivery of the type `ping`.',
      permission: 'webhooks.manage',
      answers: { 201: json(webhookDeliveryDetail, 'The delivery, which is sent at once.') },
      refusals: switchedOff
    },
    'GET /teams/[teamId]/webhooks/[webhookId]/deliveries': {
      id: 'listWebhookDeliveries',
      summary: 'List the deliveries of a webhook',
      description:
        'The deliveries of the last 30 days, the newest first. With `page`, the answer is a page with the total, else a page of `cursor`.',
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
      description: 'Sends the same body with the same id, in up to ten more attempts.',
      permission: 'webhooks.manage',
      answers: { 200: json(webhookDeliveryDetail, 'The delivery, which is sent at once.') },
      refusals: switchedOff
    }
  }
}
