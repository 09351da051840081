import { itemCreate } from '#shared/schemas/category'
import { createItem } from '#server/domain/category/item'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'routing.manage')
  const fields = await parseBody(event, itemCreate)
  return sendCreated(event, await db(tx => createItem(tx, teamId, fields)))
})
