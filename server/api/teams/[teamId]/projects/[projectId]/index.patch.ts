import { projectUpdate } from '#shared/schemas/contact'
import { updateProject } from '#server/domain/project'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'organizations.manage')
  const projectId = uuidParam(event, 'projectId')
  const changes = await parseBody(event, projectUpdate)
  return db(tx => updateProject(tx, teamId, projectId, changes))
})
