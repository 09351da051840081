import { reportQuery } from '#shared/schemas/report'
import { getReport } from '#server/domain/report'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'team.view')
  const { window } = parseQuery(event, reportQuery)
  return db(tx => getReport(tx, teamId, window))
})
