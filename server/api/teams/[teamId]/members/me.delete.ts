import { removeMember } from '#server/domain/member'

export default defineEventHandler(async event => {
  const { user, teamId, db } = await authUser(event, 'team.leave')
  await db(tx => removeMember(tx, teamId, user.sub))
  return noContent(event)
})
