import { pageQuery } from '#shared/schemas/page'
import { listOrganizations } from '#server/domain/contact/organization'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'contacts.view')
  const query = parseQuery(event, pageQuery)
  return sendList(event, await db(tx => listOrganizations(tx, teamId, query)))
})
