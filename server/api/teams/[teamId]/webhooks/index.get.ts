import { pageQuery } from '#shared/schemas/page'
import { listWebhooks } from '#server/domain/webhook/endpoint'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'webhooks.manage')
  const query = parseQuery(event, pageQuery)
  return sendList(event, await db(tx => listWebhooks(tx, teamId, query)))
})
