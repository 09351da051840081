import { deleteEntry } from '#server/domain/category/delete'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'routing.manage')
  const itemId = uuidParam(event, 'itemId')
  return noContent(event, await db(tx => deleteEntry(tx, teamId, 'item', itemId)))
})
