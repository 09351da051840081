import { typeQuery } from '#shared/schemas/category'
import { listTypes } from '#server/domain/category/type'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'routing.view')
  const query = parseQuery(event, typeQuery)
  return sendList(event, await db(tx => listTypes(tx, teamId, query)))
})
