import { rotateApiKey } from '#server/domain/api-key'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'api_keys.manage')
  const keyId = uuidParam(event, 'keyId')
  return db(tx => rotateApiKey(tx, teamId, keyId))
})
