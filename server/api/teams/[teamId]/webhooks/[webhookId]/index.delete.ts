import { deleteWebhook } from '#server/domain/webhook/endpoint'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'webhooks.manage')
  const webhookId = uuidParam(event, 'webhookId')
  await db(tx => deleteWebhook(tx, teamId, webhookId))
  return noContent(event)
})
