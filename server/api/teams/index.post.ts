import { teamCreate } from '#shared/schemas/team'
import { createTeam } from '#server/domain/team'

export default defineEventHandler(async event => {
  const { user, db } = await requireUser(event)
  const fields = await parseBody(event, teamCreate)
  return sendCreated(event, await db(tx => createTeam(tx, user.sub, fields)))
})
