import { slaReportQuery } from '#shared/schemas/report'
import { getSlaReport } from '#server/domain/sla/report'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'team.view')
  const period = parseQuery(event, slaReportQuery)
  return db(tx => getSlaReport(tx, teamId, period))
})
