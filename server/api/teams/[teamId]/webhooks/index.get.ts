import { listWebhooks } from '#server/domain/webhook/webhook'

export default defineEventHandler(async (event) => {
  const { teamId, db } = await authUser(event, 'webhooks.manage')
  return db(tx => listWebhooks(tx, teamId))
})
