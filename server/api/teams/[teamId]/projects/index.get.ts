import { pageQuery } from '#shared/schemas/page'
import { listProjects } from '#server/domain/project'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'contacts.view')
  const query = parseQuery(event, pageQuery)
  return sendList(event, await db(tx => listProjects(tx, teamId, query)))
})
