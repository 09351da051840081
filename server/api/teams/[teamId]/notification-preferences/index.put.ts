import { notificationPreferencesPut } from '#shared/schemas/notification'
import { savePreferences } from '#server/domain/notification/preferences'

export default defineEventHandler(async event => {
  const { caller, can, db } = await authUser(event, 'own.manage')
  const changes = await parseBody(event, notificationPreferencesPut)
  return withMailState(await db(tx => savePreferences(tx, caller, changes, can)))
})
