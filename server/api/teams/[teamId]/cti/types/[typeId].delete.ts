import { deleteType } from '#server/domain/routing/type'

export default defineEventHandler(async (event) => {
  const { teamId, db } = await authUser(event, 'routing.manage')
  const typeId = uuidParam(event, 'typeId')
  await db(tx => deleteType(tx, teamId, typeId))
  return deleted(event)
})
