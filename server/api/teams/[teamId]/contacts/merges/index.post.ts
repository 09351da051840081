import { contactMerge } from '#shared/schemas/contact'
import { mergeContacts } from '#server/domain/contact/merge'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'contacts.merge')
  const contacts = await parseBody(event, contactMerge)
  return sendCreated(event, await db(tx => mergeContacts(tx, teamId, contacts)))
})
