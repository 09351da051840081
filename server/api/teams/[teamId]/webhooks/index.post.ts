import { webhookCreate } from '#shared/schemas/webhook'
import { createWebhook } from '#server/domain/webhook/endpoint'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'webhooks.manage')
  const fields = await parseBody(event, webhookCreate)
  const url = await checkWebhookUrl(fields.url)
  return sendCreated(event, await db(tx => createWebhook(tx, teamId, { ...fields, url })))
})
