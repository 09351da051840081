import { contactAddressQuery } from '#shared/schemas/contact'
import { removeAddress } from '#server/domain/contact/change'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'contacts.manage')
  const contactId = uuidParam(event, 'contactId')
  const { address } = parseQuery(event, contactAddressQuery)
  await db(tx => removeAddress(tx, teamId, contactId, address))
  return noContent(event)
})
