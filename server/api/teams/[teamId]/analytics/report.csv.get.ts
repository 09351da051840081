import { reportTableQuery } from '#shared/schemas/report'
import { reportTable } from '#shared/utils/report'
import { getReport } from '#server/domain/report'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'team.view')
  const { table, window } = parseQuery(event, reportTableQuery)
  const { columns, rows } = reportTable(await db(tx => getReport(tx, teamId, window)), table)
  return sendCsv(
    event,
    `${table}-${window}-days.csv`,
    columns.map(({ label }) => label),
    rows
  )
})
