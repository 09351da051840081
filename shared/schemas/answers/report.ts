import { count, day, id, timestamp, priority } from '../answer'
import { reportWindows } from '../../utils/report'
import { z } from '../zod'
import { ticketRow } from './ticket'

// Rules of both answers. "Open" on the dashboard means the statuses open and in progress; in the report it means neither resolved nor
// closed, whatever the age. A ticket counts as created on the day of `created_at`, as resolved on the day of `resolved_at` (reopening
// clears it), and as answered on the day of `first_response_at`. Deleted tickets are not counted. Medians and 90th percentiles
// interpolate between neighbours.

const hours = z.number().nullable()
const { ticket_number, subject, status, created_at, reply_count, assignee, assignee_name, sla_metric, sla_state, sla_due_at } =
  ticketRow.shape

const average = z.number().nullable()
/** How many clients were asked, how many of them rated, and the mean of their ratings, 1 to 5, to two decimals; null without ratings. */
const ratings = { asked: count, rated: count, average_rating: average }

/** Ended SLA clocks. Cancelled ones count in neither. */
const slaResult = {
  met: count,
  missed: count,
  compliance: z.number().min(0).max(1).nullable().describe('met / (met + missed), to four decimals; null if no clock ended.')
}
const slaCounted = {
  ...slaResult,
  missed_tickets: count.describe('Tickets with a clock that was missed: what the search `sla:missed` finds.')
}
const slaNow = {
  overdue: count.describe('Tickets whose SLA clock is overdue now, as in the search `is:overdue`.'),
  due_soon: count.describe('Tickets whose SLA clock has warned and is not overdue, as in the search `is:breaching`.')
}
const slaFigures = z.object({ ...slaResult, ...slaNow })

const ratingComment = z
  .object({
    ticket_number: z.int(),
    subject: z.string(),
    score: z.int().min(1).max(5),
    comment: z.string(),
    contact: z.string().nullable().describe('The name or address of the client; null after they were erased.'),
    agent: z.string().nullable().describe('Who had the ticket when the client was asked.'),
    rated_at: timestamp
  })
  .meta({ id: 'RatingComment', description: 'A rating with a comment.' })

const satisfaction = z
  .object({
    ...ratings,
    previous: z.object(ratings).describe('The same figures for the window of the same length before.'),
    distribution: z.object({ 1: count, 2: count, 3: count, 4: count, 5: count }).describe('Ratings by score.'),
    comments: z.array(ratingComment).describe('The 20 newest comments.')
  })
  .meta({ id: 'Satisfaction', description: 'The ratings by clients who were asked in the window, whenever they answered.' })

const recentTicket = z
  .object({ id, ticket_number, subject, status, priority, created_at, reply_count, assignee, assignee_name })
  .meta({ id: 'RecentTicket', description: 'The fields that a list of recent tickets shows.' })

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
    unassigned_tickets: count.describe('Open tickets without an assignee.'),
    waiting_tickets: count,
    resolved_this_month: count.describe('Tickets resolved since `month_start`, including those closed since.'),
    resolved_last_month: count,
    month_start: timestamp,
    satisfaction: z.object(ratings).describe('The ratings by clients who were asked this month.'),
    sla: slaFigures.describe('Of the clocks that ended this month, and of the tickets now.'),
    avg_first_response_hours: hours.describe(
      'Mean over the answered tickets resolved this month, to two decimals; null if there are none.'
    ),
    tickets_by_category: z
      .array(z.object({ category: z.string(), name: z.string(), count }))
      .describe('Open tickets per category, the largest first.'),
    tickets_by_priority: z.array(z.object({ priority, count })).describe('Open tickets per priority, the highest first.'),
    recent_tickets: z.array(recentTicket).describe('The ten newest tickets.'),
    agent_workload: z.array(agentWorkload).describe('People with unresolved tickets, those with the most first.')
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
    assigned_open: count.describe('Open tickets assigned to them now.'),
    resolved: count.describe('Tickets resolved in the window while assigned to them.'),
    median_resolution_hours: hours,
    median_first_response_hours: hours.describe('Over the tickets assigned to them now.'),
    replies: count.describe('Public replies they wrote in the window, in any ticket.'),
    ...ratings
  })
  .meta({ id: 'ReportAgent', description: 'The work of one person; if `user_id` is null, the unassigned tickets.' })

const reportCategory = z
  .object({
    key: z.string(),
    name: z.string(),
    created: count,
    resolved: count,
    open: count,
    median_resolution_hours: hours,
    ...ratings
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
    median_resolution_hours: hours.describe('From creation to resolution, over the tickets resolved in the window.'),
    p90_resolution_hours: hours,
    median_first_response_hours: hours.describe('From creation to the first public reply, over the tickets first answered in the window.'),
    p90_first_response_hours: hours,
    previous: z
      .object({ created: count, resolved: count, median_resolution_hours: hours, median_first_response_hours: hours })
      .describe('The same figures for the window of the same length before.'),
    open_by_severity: z.object({ 1: count, 2: count, 3: count, 4: count, 5: count }),
    satisfaction,
    sla: slaFigures.describe('Of the clocks that ended in the window, and of the tickets now.'),
    aging: z
      .object({ over7d: count, over14d: count })
      .describe('Open and waiting tickets older than 7 days and older than 14 days; the first includes the second.'),
    queue_load: z
      .array(z.object({ category_id: id, key: z.string(), name: z.string(), open: count }))
      .describe('Open tickets per category, the largest first.'),
    created_vs_resolved: z.array(reportDay).describe('One entry per day of the window, the oldest first.'),
    per_agent: z.array(reportAgent).describe('People by resolved tickets, most first.'),
    per_category: z.array(reportCategory).describe("In the categories' order.")
  })
  .meta({
    id: 'ReportSummary',
    description:
      "The team's work of the last `window` days in its time zone, today included. Durations are elapsed hours, nights and weekends included."
  })

const slaByMetric = z.object({
  ...slaCounted,
  first_response: z.object(slaCounted),
  next_response: z.object(slaCounted),
  resolution: z.object(slaCounted)
})

const dueTicket = z
  .object({ id, ticket_number, subject, sla_metric, sla_state, sla_due_at, assignee, assignee_name })
  .meta({ id: 'DueTicket', description: 'A ticket whose next SLA clock is due soon.' })

export const slaReport = z
  .object({
    time_zone: z.string(),
    from: day,
    to: day,
    total: slaByMetric.extend({ cancelled: count.describe('Clocks that were cancelled in the period.') }),
    ...slaNow,
    per_policy: z
      .array(slaByMetric.extend({ policy_id: id, name: z.string() }))
      .describe('By the policy that the clock began with, with its last name; it may be gone. Most clocks first.'),
    per_agent: z
      .array(slaByMetric.extend({ user_id: id.nullable(), name: z.string().nullable(), avatar_url: z.string().nullable() }))
      .describe('By who answered or whose ticket was resolved; null: nobody. Most clocks first.'),
    per_category: z
      .array(slaByMetric.extend({ key: z.string(), name: z.string() }))
      .describe('By the category that the ticket has now. Most clocks first.'),
    per_week: z
      .array(slaByMetric.extend({ week: day.describe('Its Monday.') }))
      .describe('All ISO weeks of the period, the oldest first; of the first and the last only the days of the period.'),
    next: z.array(dueTicket).describe('The 10 tickets that are due next and not overdue.')
  })
  .meta({ id: 'SlaReport', description: "The SLA clocks that ended in a period of days in the team's time zone, and what is due now." })

export type RecentTicket = z.output<typeof recentTicket>
export type AgentWorkload = z.output<typeof agentWorkload>
export type TeamStats = z.output<typeof teamStats>
export type ReportDay = z.output<typeof reportDay>
export type ReportAgent = z.output<typeof reportAgent>
export type RatingComment = z.output<typeof ratingComment>
export type ReportCategory = z.output<typeof reportCategory>
export type ReportSummary = z.output<typeof reportSummary>
export type SlaResult = Pick<SlaReport['total'], 'met' | 'missed' | 'compliance'>
export type SlaCounted = Pick<SlaReport['total'], 'met' | 'missed' | 'compliance' | 'missed_tickets'>
export type SlaByMetric = z.output<typeof slaByMetric>
export type DueTicket = z.output<typeof dueTicket>
export type SlaReport = z.output<typeof slaReport>
