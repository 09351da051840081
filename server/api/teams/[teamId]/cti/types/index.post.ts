import { typeCreate } from '#shared/schemas/category'
import { createType } from '#server/domain/category/type'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'routing.manage')
  const fields = await parseBody(event, typeCreate)
  return sendCreated(event, await db(tx => createType(tx, teamId, fields)))
})
