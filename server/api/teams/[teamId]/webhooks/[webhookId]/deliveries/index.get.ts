import { deliveryQuery } from '#shared/schemas/webhook'
import { listDeliveries } from '#server/domain/webhook/delivery'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'webhooks.manage')
  const webhookId = uuidParam(event, 'webhookId')
  const query = parseQuery(event, deliveryQuery)
  return db(tx => listDeliveries(tx, teamId, webhookId, query))
})
