import { listApiKeys } from '#server/domain/api-key'

export default defineEventHandler(async (event) => {
  const { teamId, db } = await authUser(event, 'api_keys.own')
  return db(tx => listApiKeys(tx, teamId))
})
