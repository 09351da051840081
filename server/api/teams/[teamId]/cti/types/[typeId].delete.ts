import { deleteEntry } from '#server/domain/category/delete'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'routing.manage')
  const typeId = uuidParam(event, 'typeId')
  return noContent(event, await db(tx => deleteEntry(tx, teamId, 'type', typeId)))
})
