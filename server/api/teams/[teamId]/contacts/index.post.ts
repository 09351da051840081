import { contactCreate } from '#shared/schemas/contact'
import { createContact } from '#server/domain/contact/change'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'contacts.manage')
  const fields = await parseBody(event, contactCreate)
  return sendCreated(event, await db(tx => createContact(tx, caller, fields)))
})
