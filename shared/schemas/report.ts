import { z } from 'zod'

/** Days that a report looks back on, today included. */
export const reportWindows = [14, 30, 90] as const

/** The tables of a report, each of which can be had as CSV. */
export const reportTableNames = ['created_vs_resolved', 'open_by_severity', 'queue_load', 'per_agent', 'per_category'] as const

export type ReportWindow = typeof reportWindows[number]
export type ReportTableName = typeof reportTableNames[number]

export const reportQuery = z.strictObject({
  window: z.enum(['14', '30', '90'], 'Window is 14, 30 or 90 days').default('30').transform(days => Number(days) as ReportWindow)
})

export const reportTableQuery = reportQuery.extend({
  table: z.enum(reportTableNames, 'Not a table of the report')
})
