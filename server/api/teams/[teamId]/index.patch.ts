import { teamUpdate } from '#shared/schemas/team'
import { updateTeam } from '#server/domain/team'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'team.update')
  const changes = await parseBody(event, teamUpdate)
  return db(tx => updateTeam(tx, caller, changes))
})
