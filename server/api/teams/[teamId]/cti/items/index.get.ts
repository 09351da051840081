import { itemQuery } from '#shared/schemas/category'
import { listItems } from '#server/domain/category/item'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'routing.view')
  const query = parseQuery(event, itemQuery)
  return sendList(event, await db(tx => listItems(tx, teamId, query)))
})
