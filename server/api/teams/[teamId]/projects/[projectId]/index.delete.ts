import { deleteProject } from '#server/domain/project'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'organizations.manage')
  const projectId = uuidParam(event, 'projectId')
  await db(tx => deleteProject(tx, teamId, projectId))
  return noContent(event)
})
