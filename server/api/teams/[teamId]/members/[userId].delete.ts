import { removeMember } from '#server/domain/member'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'members.manage')
  const userId = uuidParam(event, 'userId')
  await db(tx => removeMember(tx, teamId, userId))
  return noContent(event)
})
