import type { ReportSummary } from '../types/api'

/** Days covered by a report, today included. */
export const reportWindows = [14, 30, 90] as const

/** The tables of a report; each can be downloaded as CSV. */
export const reportTableNames = [
  'created_vs_resolved',
  'open_by_severity',
  'queue_load',
  'per_agent',
  'per_category',
  'satisfaction'
] as const

export type ReportWindow = (typeof reportWindows)[number]
export type ReportTableName = (typeof reportTableNames)[number]

/** `day` is YYYY-MM-DD, `hours` a duration in hours, `count` a number of tickets, replies, ratings or clocks, `average` one with decimals, `share` from 0 to 1. */
export type ReportCellKind = 'text' | 'day' | 'count' | 'hours' | 'average' | 'share'

export interface ReportTable {
  columns: { label: string; kind: ReportCellKind }[]
  rows: (string | number | null)[][]
}

/** One table of a report, for the page and the CSV file. */
export function reportTable(report: ReportSummary, name: ReportTableName): ReportTable {
  return tables[name](report)
}

const day = (label: string) => ({ label, kind: 'day' as const })
const text = (label: string) => ({ label, kind: 'text' as const })
const count = (label: string) => ({ label, kind: 'count' as const })
const average = (label: string) => ({ label, kind: 'average' as const })
const hours = (label: string) => ({ label: `${label} (hours)`, kind: 'hours' as const })

const tables: Record<ReportTableName, (report: ReportSummary) => ReportTable> = {
  created_vs_resolved: ({ created_vs_resolved }) => ({
    columns: [day('Day'), count('Created'), count('Resolved')],
    rows: created_vs_resolved.map(({ date, created, resolved }) => [date, created, resolved])
  }),
  open_by_severity: ({ open_by_severity }) => ({
    columns: [text('Severity'), count('Open and waiting')],
    rows: Object.entries(open_by_severity).map(([severity, open]) => [`SEV ${severity}`, open])
  }),
  queue_load: ({ queue_load }) => ({
    columns: [text('Category'), count('Open and waiting')],
    rows: queue_load.map(({ name, open }) => [name, open])
  }),
  per_agent: ({ per_agent }) => ({
    columns: [
      text('Agent'),
      count('Open and waiting'),
      count('Resolved'),
      hours('Median resolution'),
      hours('Median first response'),
      count('Replies'),
      average('Average rating'),
      count('Ratings'),
      count('Asked for a rating')
    ],
    rows: per_agent.map(({ name, assigned_open, resolved, median_resolution_hours, median_first_response_hours, replies, ...ratings }) => [
      name ?? 'Nobody',
      assigned_open,
      resolved,
      median_resolution_hours,
      median_first_response_hours,
      replies,
      ratings.average_rating,
      ratings.rated,
      ratings.asked
    ])
  }),
  per_category: ({ per_category }) => ({
    columns: [
      text('Category'),
      count('Created'),
      count('Resolved'),
      count('Open and waiting'),
      hours('Median resolution'),
      average('Average rating'),
      count('Ratings'),
      count('Asked for a rating')
    ],
    rows: per_category.map(({ name, created, resolved, open, median_resolution_hours, ...ratings }) => [
      name,
      created,
      resolved,
      open,
      median_resolution_hours,
      ratings.average_rating,
      ratings.rated,
      ratings.asked
    ])
  }),
  satisfaction: ({ satisfaction }) => ({
    columns: [text('Rating'), count('Ratings')],
    rows: Object.entries(satisfaction.distribution)
      .reverse()
      .map(([score, ratings]) => [`${score} of 5`, ratings])
  })
}
