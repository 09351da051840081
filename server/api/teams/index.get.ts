import { pageQuery } from '#shared/schemas/page'
import { listTeams } from '#server/domain/team'

export default defineEventHandler(async event => {
  const { user, db } = await requireUser(event)
  const query = parseQuery(event, pageQuery)
  return sendList(event, await db(tx => listTeams(tx, user.sub, query)))
})
