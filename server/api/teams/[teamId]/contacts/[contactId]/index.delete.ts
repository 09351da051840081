import { eraseContact } from '#server/domain/contact/change'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'contacts.erase')
  const contactId = uuidParam(event, 'contactId')
  await db(tx => eraseContact(tx, teamId, contactId))
  return noContent(event)
})
