import { typeUpdate } from '#shared/schemas/category'
import { updateType } from '#server/domain/category/type'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'routing.manage')
  const typeId = uuidParam(event, 'typeId')
  const changes = await parseBody(event, typeUpdate)
  return db(tx => updateType(tx, teamId, typeId, changes))
})
