import { contactAddressCreate } from '#shared/schemas/contact'
import { addAddress } from '#server/domain/contact/change'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'contacts.manage')
  const contactId = uuidParam(event, 'contactId')
  const { address } = await parseBody(event, contactAddressCreate)
  return sendCreated(event, await db(tx => addAddress(tx, teamId, contactId, address)))
})
