import { z } from './zod'
import { reportTableNames, type ReportWindow } from '../utils/report'

const window = z
  .enum(['14', '30', '90'], 'Window is 14, 30 or 90 days')
  .default('30')
  .transform(days => Number(days) as ReportWindow)

export const reportQuery = z.strictObject({ window })

export const reportTableQuery = reportQuery.extend({
  table: z.enum(reportTableNames, 'Not a table of the report')
})

const maxDays = 366
const reportDay = z.iso.date('Not a day (YYYY-MM-DD)').refine(value => !value.startsWith('0000'), 'Years are 0001 to 9999')
const daysBetween = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 86_400_000

export const slaReportQuery = z
  .strictObject({
    window: window.describe('Days, today included. Does not count with `from` and `to`.'),
    from: reportDay.optional().describe("The first day, in the team's time zone."),
    to: reportDay.optional().describe('The last day.')
  })
  .refine(({ from, to }) => (from === undefined) === (to === undefined), { path: ['from'], message: 'Use from and to together' })
  .refine(({ from, to }) => !from || !to || from <= to, { path: ['to'], message: 'The last day must not be before the first' })
  .refine(({ from, to }) => !from || !to || daysBetween(from, to) < maxDays, {
    path: ['to'],
    message: `A report covers at most ${maxDays} days`
  })

export type SlaReportQuery = z.output<typeof slaReportQuery>
