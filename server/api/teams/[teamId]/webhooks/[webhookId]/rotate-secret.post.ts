import { rotateWebhookSecret } from '#server/domain/webhook/endpoint'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'webhooks.manage')
  const webhookId = uuidParam(event, 'webhookId')
  return db(tx => rotateWebhookSecret(tx, teamId, webhookId))
})
