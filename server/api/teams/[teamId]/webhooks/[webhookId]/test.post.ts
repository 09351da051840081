import { pingWebhook } from '#server/domain/webhook/delivery'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'webhooks.manage')
  const webhookId = uuidParam(event, 'webhookId')
  return sendCreated(event, await db(tx => pingWebhook(tx, teamId, webhookId)))
})
