import { getContact } from '#server/domain/contact/list'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'contacts.view')
  const contactId = uuidParam(event, 'contactId')
  return db(tx => getContact(tx, teamId, contactId))
})
