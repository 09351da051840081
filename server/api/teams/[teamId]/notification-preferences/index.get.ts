import { listPreferences } from '#server/domain/notification/preferences'

export default defineEventHandler(async event => {
  const { user, teamId, can, db } = await authUser(event, 'own.manage')
  return withMailState(await db(tx => listPreferences(tx, teamId, user.sub, can)))
})
