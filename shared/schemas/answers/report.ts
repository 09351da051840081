import { count, day, id, timestamp, priority } from '../answer'
import { reportWindows } from '../../utils/report'
import { z } from '../zod'
import { ticketRow } from './ticket'

// What both count. "Open" of the dashboard: the statuses open and in progress; of the report: what is neither resolved nor closed, whatever
// its age. A ticket is created on the day of its `created_at`, resolved on that of its `resolved_at` (opening it again takes it away until it
// is resolved again), answered on that of its `first_response_at`. Deleted tickets count nowhere. Medians and 90th percentiles interpolate
// between neighbours.

const hours = z.number().nullable()
const { ticket_number, subject, status, created_at, reply_count, assignee, assignee_name } = ticketRow.shape

const recentTicket = z
  .object({ id, ticket_number, subject, status, priority, created_at, reply_count, assignee, assignee_name })
  .meta({ id: 'RecentTicket', description: 'Enough to show a ticket and to open it.' })

const agentWorkload = z
  .object({
    user_id: id,
    agent_name: z.string(),
    avatar_url: z.string().nullable(),
    open_count: count,
    in_progress_count: count,
    waiting_count: count
  })
  .meta({ id: 'AgentWorkload', description: 'The unresolved tickets of one person.' })

export const teamStats = z
  .object({
    open_tickets: count,
    unassigned_tickets: count.describe('Open tickets that nobody is assigned to.'),
    waiting_tickets: count,
    resolved_this_month: count.describe('Resolved since `month_start`, closed ones included.'),
    resolved_last_month: count,
    month_start: timestamp,
    avg_first_response_hours: hours.describe(
      'Mean of the tickets resolved this month that were answered, to two decimals; null without any.'
    ),
    tickets_by_category: z
      .array(z.object({ category: z.string(), name: z.string(), count }))
      .describe('Open tickets, the largest category first.'),
    tickets_by_priority: z.array(z.object({ priority, count })).describe('Open tickets, the highest priority first.'),
    recent_tickets: z.array(recentTicket).describe('The ten newest.'),
    agent_workload: z.array(agentWorkload).describe('People with open tickets, those with the most first.')
  })
  .meta({ id: 'TeamStats', description: '"Open" counts the statuses open and in_progress; months are those of the team\'s time zone.' })

const reportDay = z
  .object({ date: day, created: count, resolved: count })
  .meta({ id: 'ReportDay', description: "A day in the team's time zone." })

const reportAgent = z
  .object({
    user_id: id.nullable(),
    name: z.string().nullable(),
    avatar_url: z.string().nullable(),
    is_member: z.boolean(),
    assigned_open: count.describe('Open tickets that are theirs now.'),
    resolved: count.describe('Tickets resolved in the window that were theirs then.'),
    median_resolution_hours: hours,
    median_first_response_hours: hours.describe('Of the tickets that are theirs now.'),
    replies: count.describe('Public replies that they wrote in the window, in any ticket.')
  })
  .meta({ id: 'ReportAgent', description: 'The work of one person; `user_id` null: of nobody, the unassigned tickets.' })

const reportCategory = z
  .object({
    key: z.string(),
    name: z.string(),
    created: count,
    resolved: count,
    open: count,
    median_resolution_hours: hours
  })
  .meta({ id: 'ReportCategory', description: 'The work in one category.' })

export const reportSummary = z
  .object({
    window: z.literal(reportWindows),
    time_zone: z.string(),
    from: day,
    to: day,
    created: count,
    resolved: count,
    median_resolution_hours: hours.describe('From creation to resolution, of the tickets resolved in the window.'),
    p90_resolution_hours: hours,
    median_first_response_hours: hours.describe('From creation to the first public reply, of the tickets first answered in the window.'),
    p90_first_response_hours: hours,
    previous: z
      .object({ created: count, resolved: count, median_resolution_hours: hours, median_first_response_hours: hours })
      .describe('The same figures for as many days before.'),
    open_by_severity: z.object({ 1: count, 2: count, 3: count, 4: count, 5: count }),
    aging: z
      .object({ over7d: count, over14d: count })
      .describe('Open and waiting tickets older than 7, and than 14, days; the first includes the second.'),
    queue_load: z
      .array(z.object({ category_id: id, key: z.string(), name: z.string(), open: count }))
      .describe('Open tickets of each category, the fullest first.'),
    created_vs_resolved: z.array(reportDay).describe('Each day of the window, the oldest first.'),
    per_agent: z.array(reportAgent).describe('Those who resolved the most first.'),
    per_category: z.array(reportCategory).describe('In the order of the categories.')
  })
  .meta({
    id: 'ReportSummary',
    description: "The team's work of the last `window` days of its time zone, today included. Durations are hours of the clock."
  })

export type RecentTicket = z.output<typeof recentTicket>
export type AgentWorkload = z.output<typeof agentWorkload>
export type TeamStats = z.output<typeof teamStats>
export type ReportDay = z.output<typeof reportDay>
export type ReportAgent = z.output<typeof reportAgent>
export type ReportCategory = z.output<typeof reportCategory>
export type ReportSummary = z.output<typeof reportSummary>
