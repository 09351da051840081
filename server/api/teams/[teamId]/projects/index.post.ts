import { projectCreate } from '#shared/schemas/contact'
import { createProject } from '#server/domain/project'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'organizations.manage')
  const fields = await parseBody(event, projectCreate)
  return sendCreated(event, await db(tx => createProject(tx, caller, fields)))
})
