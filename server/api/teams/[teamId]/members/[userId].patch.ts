import { memberUpdate } from '#shared/schemas/team'
import { changeMemberRole } from '#server/domain/member'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'members.manage')
  const userId = uuidParam(event, 'userId')
  const { role } = await parseBody(event, memberUpdate)
  return db(tx => changeMemberRole(tx, teamId, userId, role))
})
