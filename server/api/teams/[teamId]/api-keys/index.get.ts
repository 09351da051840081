import { pageQuery } from '#shared/schemas/page'
import { listApiKeys } from '#server/domain/api-key'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'api_keys.own')
  const query = parseQuery(event, pageQuery)
  return sendList(event, await db(tx => listApiKeys(tx, teamId, query)))
})
