import { contactAddressUpdate } from '#shared/schemas/contact'
import { makePrimary } from '#server/domain/contact/change'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'contacts.manage')
  const contactId = uuidParam(event, 'contactId')
  const { address } = await parseBody(event, contactAddressUpdate)
  return db(tx => makePrimary(tx, teamId, contactId, address))
})
