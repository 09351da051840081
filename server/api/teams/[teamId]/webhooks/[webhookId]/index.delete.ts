import { deleteWebhook } from '#server/domain/webhook/webhook'

export default defineEventHandler(async (event) => {
  const { teamId, db } = await authUser(event, 'webhooks.manage')
  const webhookId = uuidParam(event, 'webhookId')
  await db(tx => deleteWebhook(tx, teamId, webhookId))
  return deleted(event)
})
