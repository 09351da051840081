import { revokeApiKey } from '#server/domain/api-key'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'api_keys.own')
  const keyId = uuidParam(event, 'keyId')
  await db(tx => revokeApiKey(tx, teamId, keyId))
  return noContent(event)
})
