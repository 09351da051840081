import { webhookUpdate } from '#shared/schemas/webhook'
import { updateWebhook } from '#server/domain/webhook/endpoint'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'webhooks.manage')
  const webhookId = uuidParam(event, 'webhookId')
  const changes = await parseBody(event, webhookUpdate)
  const url = changes.url === undefined ? {} : { url: await checkWebhookUrl(changes.url) }
  return db(tx => updateWebhook(tx, teamId, webhookId, { ...changes, ...url }))
})
