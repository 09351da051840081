import { listPreferences } from '#server/domain/notification/preferences'

export default defineEventHandler(async event => {
  const { caller, can, db } = await authUser(event, 'own.manage')
  return withMailState(await db(tx => listPreferences(tx, caller, can)))
})
