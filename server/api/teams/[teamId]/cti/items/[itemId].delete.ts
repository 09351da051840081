import { deleteItem } from '#server/domain/routing/item'

export default defineEventHandler(async (event) => {
  const { teamId, db } = await authUser(event, 'routing.manage')
  const itemId = uuidParam(event, 'itemId')
  await db(tx => deleteItem(tx, teamId, itemId))
  return deleted(event)
})
