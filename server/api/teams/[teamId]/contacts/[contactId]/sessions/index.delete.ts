import { endContactSessions } from '#server/domain/contact/session'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'contacts.manage')
  const contactId = uuidParam(event, 'contactId')
  return db(tx => endContactSessions(tx, teamId, contactId))
})
