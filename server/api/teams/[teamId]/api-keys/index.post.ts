import { apiKeyCreate } from '#shared/schemas/api-key'
import { createApiKey } from '#server/domain/api-key'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'api_keys.manage')
  const fields = await parseBody(event, apiKeyCreate)
  return sendCreated(event, await db(tx => createApiKey(tx, teamId, fields)))
})
