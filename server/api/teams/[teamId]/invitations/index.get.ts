import { pageQuery } from '#shared/schemas/page'
import { listInvitations } from '#server/domain/invitation'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'members.invite')
  const query = parseQuery(event, pageQuery)
  return sendList(event, await db(tx => listInvitations(tx, teamId, query)))
})
