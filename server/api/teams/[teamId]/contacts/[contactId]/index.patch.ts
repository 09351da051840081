import { contactUpdate } from '#shared/schemas/contact'
import { updateContact } from '#server/domain/contact/change'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'contacts.manage')
  const contactId = uuidParam(event, 'contactId')
  const changes = await parseBody(event, contactUpdate)
  return db(tx => updateContact(tx, teamId, contactId, changes))
})
