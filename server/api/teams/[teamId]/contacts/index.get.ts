import { contactQuery } from '#shared/schemas/contact'
import { listContacts } from '#server/domain/contact/list'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'contacts.view')
  const query = parseQuery(event, contactQuery)
  return sendList(event, await db(tx => listContacts(tx, teamId, query)))
})
