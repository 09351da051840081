import { listTeams } from '#server/domain/team'

export default defineEventHandler(async (event) => {
  const { user, db } = await requireUser(event)
  return db(tx => listTeams(tx, user.sub))
})
