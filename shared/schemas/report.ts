import { z } from './zod'
import { reportTableNames, type ReportWindow } from '../utils/report'

export const reportQuery = z.strictObject({
  window: z
    .enum(['14', '30', '90'], 'Window is 14, 30 or 90 days')
    .default('30')
    .transform(days => Number(days) as ReportWindow)
})

export const reportTableQuery = reportQuery.extend({
  table: z.enum(reportTableNames, 'Not a table of the report')
})
