import { tagQuery } from '#shared/schemas/ticket'
import { listTags } from '#server/domain/ticket/tags'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'tickets.view')
  const query = parseQuery(event, tagQuery)
  return sendList(event, await db(tx => listTags(tx, teamId, query)))
})
