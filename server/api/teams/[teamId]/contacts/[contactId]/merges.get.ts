import { pageQuery } from '#shared/schemas/page'
import { listMerges } from '#server/domain/contact/merge'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'contacts.merge')
  const contactId = uuidParam(event, 'contactId')
  const query = parseQuery(event, pageQuery)
  return sendList(event, await db(tx => listMerges(tx, teamId, contactId, query)))
})
