import { pageQuery } from '#shared/schemas/page'
import { listMembers } from '#server/domain/member'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'team.view')
  const query = parseQuery(event, pageQuery)
  return sendList(event, await db(tx => listMembers(tx, teamId, query)))
})
