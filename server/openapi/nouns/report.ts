import { priority } from '#shared/schemas/answer'
import { reportQuery, reportTableQuery } from '#shared/schemas/report'
import type { AgentWorkload, RecentTicket, ReportAgent, ReportCategory, ReportDay, ReportSummary, TeamStats } from '#shared/types/api'
import { z } from '#shared/schemas/zod'
import { count, day, file, id, json, moment, row, type Noun } from '../describe'
import { ticketFields } from './ticket'

const hours = z.number().nullable()
const reportDay = row<ReportDay>()('ReportDay', "A day in the team's time zone.", z.object({ date: day, created: count, resolved: count }))

const reportAgent = row<ReportAgent>()(
  'ReportAgent',
  "The work of one person; `user_id` null is what is nobody's.",
  z.object({
    user_id: id.nullable(),
    name: z.string().nullable(),
    avatar_url: z.string().nullable(),
    is_member: z.boolean(),
    assigned_open: count,
    resolved: count,
    median_resolution_hours: hours,
    median_first_response_hours: hours,
    replies: count
  })
)

const reportCategory = row<ReportCategory>()(
  'ReportCategory',
  'The work in one category.',
  z.object({ key: z.string(), name: z.string(), created: count, resolved: count, open: count, median_resolution_hours: hours })
)

const report = row<ReportSummary>()(
  'ReportSummary',
  "The team's work of the last `window` days of its time zone, today included. Durations are hours of the clock.",
  z.object({
    window: z.literal([14, 30, 90]),
    time_zone: z.string(),
    from: day,
    to: day,
    created: count,
    resolved: count,
    median_resolution_hours: hours,
    p90_resolution_hours: hours,
    median_first_response_hours: hours,
    p90_first_response_hours: hours,
    previous: z
      .object({ created: count, resolved: count, median_resolution_hours: hours, median_first_response_hours: hours })
      .describe('The same figures for as many days before.'),
    open_by_severity: z.object({ 1: count, 2: count, 3: count, 4: count, 5: count }),
    aging: z.object({ over7d: count, over14d: count }).describe('Open and waiting tickets older than 7, and than 14, days.'),
    queue_load: z.array(z.object({ category_id: id, key: z.string(), name: z.string(), open: count })),
    created_vs_resolved: z.array(reportDay),
    per_agent: z.array(reportAgent),
    per_category: z.array(reportCategory)
  })
)

const { ticket_number, subject, status, created_at, reply_count, assignee, assignee_name } = ticketFields
const recent = row<RecentTicket>()(
  'RecentTicket',
  'Enough to show a ticket and to open it.',
  z.object({ id, ticket_number, subject, status, priority, created_at, reply_count, assignee, assignee_name })
)
const workload = row<AgentWorkload>()(
  'AgentWorkload',
  'The unresolved tickets of one person.',
  z.object({
    user_id: id,
    agent_name: z.string(),
    avatar_url: z.string().nullable(),
    open_count: count,
    in_progress_count: count,
    waiting_count: count
  })
)

const stats = row<TeamStats>()(
  'TeamStats',
  '"Open" counts the statuses open and in_progress; months are those of the team\'s time zone.',
  z.object({
    open_tickets: count,
    unassigned_tickets: count,
    waiting_tickets: count,
    resolved_this_month: count,
    resolved_last_month: count,
    month_start: moment,
    avg_first_response_hours: hours,
    tickets_by_category: z.array(z.object({ category: z.string(), name: z.string(), count })),
    tickets_by_priority: z.array(z.object({ priority, count })),
    recent_tickets: z.array(recent),
    agent_workload: z.array(workload)
  })
)

export const reports: Noun = {
  name: 'Reports',
  description: "Figures of the team's work.",
  routes: {
    'GET /teams/[teamId]/stats': {
      id: 'getStats',
      summary: 'Read the dashboard',
      permission: 'team.view',
      answers: { 200: json(stats, 'How things stand now.') }
    },
    'GET /teams/[teamId]/analytics/summary': {
      id: 'getReport',
      summary: 'Read the report',
      permission: 'team.view',
      query: reportQuery,
      answers: { 200: json(report, 'The report of a window of days.') }
    },
    'GET /teams/[teamId]/analytics/report.csv': {
      id: 'downloadReport',
      summary: 'Download a table of the report',
      permission: 'team.view',
      query: reportTableQuery,
      answers: { 200: file('The table, in UTF-8 with a byte order mark.', 'text/csv') }
    }
  }
}
