import { getDelivery } from '#server/domain/webhook/delivery'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'webhooks.manage')
  const [webhookId, deliveryId] = [uuidParam(event, 'webhookId'), uuidParam(event, 'deliveryId')]
  return db(tx => getDelivery(tx, teamId, webhookId, deliveryId))
})
