import { itemQuery } from '#shared/schemas/routing'
import { listItems } from '#server/domain/routing/item'

export default defineEventHandler(async (event) => {
  const { teamId, db } = await authUser(event, 'routing.view')
  const { type_id: typeId, counts } = parseQuery(event, itemQuery)
  return db(tx => listItems(tx, teamId, { typeId, counts }))
})
