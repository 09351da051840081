import { itemUpdate } from '#shared/schemas/category'
import { updateItem } from '#server/domain/category/item'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'routing.manage')
  const itemId = uuidParam(event, 'itemId')
  const changes = await parseBody(event, itemUpdate)
  return db(tx => updateItem(tx, teamId, itemId, changes))
})
