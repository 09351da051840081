import { cancelReasons, clockStates, escalationMoments, pausableMetrics, pauseReasons, slaMetrics } from '../../sla/clock'
import { count, id, role, timestamp } from '../answer'
import { z } from '../zod'

export const slaMetric = z.enum(slaMetrics)

const calendarReference = z.object({ id, name: z.string(), time_zone: z.string() })

const step = { metric: slaMetric.nullable().describe('Null: each of them.'), when: z.enum(escalationMoments) }
const policyEscalation = z.discriminatedUnion('action', [
  z.object({
    ...step,
    action: z.literal('notify'),
    members: z.array(id).describe('Some may have left.'),
    roles: z.array(role),
    followers: z.boolean().describe('Whoever follows the ticket.')
  }),
  z.object({ ...step, action: z.literal('raise_severity') }).describe('By one, to 1 at most.'),
  z.object({ ...step, action: z.literal('assign'), member_id: id }),
  z.object({ ...step, action: z.literal('add_tag'), tag: z.string() })
])

export const slaPolicy = z
  .object({
    id,
    team_id: id,
    name: z.string(),
    position: count.describe('The first active policy that matches a ticket applies.'),
    is_active: z.boolean(),
    conditions: z.string().describe('In the search language; all must hold. Empty: every ticket.'),
    target_by: z.enum(['priority', 'severity']),
    targets: z
      .partialRecord(slaMetric, z.record(z.string(), z.int()))
      .describe('Seconds of open hours, for each metric and priority or severity.'),
    calendar_id: id.nullable(),
    calendar_name: z.string().nullable(),
    pauses: z.partialRecord(z.enum(pausableMetrics), z.array(z.enum(pauseReasons))),
    warn_percent: z.int().describe('The share of the target after which a warning comes.'),
    reopen_percent: z.int().describe('The share of the target that a reopened ticket has at least.'),
    escalations: z.array(policyEscalation).describe('What happens when a warning or a breach comes, in order.'),
    version: z.int(),
    created_at: timestamp,
    updated_at: timestamp
  })
  .meta({ id: 'SlaPolicy', description: 'How soon a team promises to answer and to resolve which tickets.' })

export const policyApplication = z
  .object({ tickets: count.describe('How many open tickets a job goes through.') })
  .meta({ id: 'PolicyApplication', description: 'The start of applying the policies to open tickets.' })

const receiptLine = z.object({
  kind: z.enum(['counted', 'closed', 'paused']),
  reason: z.enum(pauseReasons).nullable().describe('Why the clock was paused.'),
  from: timestamp,
  until: timestamp,
  seconds: count.describe('Counted seconds; 0 for closed and paused times.'),
  is_ahead: z.boolean().describe('Whether it lies ahead: what will count if nothing happens.')
})

export const slaClock = z
  .object({
    id,
    metric: slaMetric,
    cycle: z.int().describe('2 for the second message of the client, or after the first reopening.'),
    state: z.enum(clockStates),
    cancel_reason: z.enum(cancelReasons).nullable(),
    is_paused: z.boolean(),
    policy: z.object({ id, name: z.string(), version: z.int() }).describe('The policy as it was; it may be gone.'),
    level: z.string().describe('The priority or severity that set the target.'),
    calendar: calendarReference.nullable().describe('Null: around the clock.'),
    target_seconds: z.int(),
    counted_seconds: count.describe('Up to now, or to the end.'),
    remaining_seconds: z.int().describe('Negative if it is too late.'),
    started_at: timestamp,
    warn_at: timestamp.nullable(),
    due_at: timestamp.nullable(),
    warned_at: timestamp.nullable(),
    breached_at: timestamp.nullable(),
    ended_at: timestamp.nullable(),
    lines: z.array(receiptLine).describe('The receipt: what counted, when the calendar was closed, and when the clock was paused.'),
    receipt: z.string().describe('The receipt as text, in the time zone of the calendar.')
  })
  .meta({ id: 'SlaClock', description: 'A promise about a ticket, and how its time was counted.' })

const simulatedResults = z.object({
  met: count,
  missed: count,
  compliance: z.number().nullable().describe('The share that was met, from 0 to 1; null without any.')
})

const simulatedMetric = z.object({
  metric: slaMetric,
  tickets: count.describe('Tickets with a result under the old or the new rules.'),
  old: simulatedResults.describe('Clocks under the policies and calendars as they are.'),
  new: simulatedResults.describe('Clocks under the draft.'),
  newly_met: count.describe('Clocks that would be met instead of missed.'),
  newly_missed: count.describe('Clocks that would be missed instead of met.')
})

export const slaSimulation = z
  .object({
    id,
    team_id: id,
    policy: z
      .object({ id: id.nullable(), name: z.string() })
      .nullable()
      .describe('The policy of the draft; its id is null if it is new. Null: the draft has none.'),
    calendar_id: id.nullable().describe('The calendar whose hours the draft replaces.'),
    status: z.enum(['waiting', 'running', 'done', 'failed']),
    from_at: timestamp.describe('Tickets created since then are replayed.'),
    total: count.describe('How many tickets that are.'),
    processed: count,
    metrics: z.array(simulatedMetric).describe('The results of the tickets processed so far.'),
    differing: count.describe('Clocks with another result. The first 10,000 can be listed.'),
    error: z.string().nullable(),
    created_by: id.nullable(),
    created_at: timestamp,
    finished_at: timestamp.nullable()
  })
  .meta({
    id: 'SlaSimulation',
    description: 'A draft of a policy or calendar, tried on the tickets of the last 90 days. It can be read for a day.'
  })

const simulatedResult = z.enum(['met', 'missed', 'open']).nullable().describe('`open`: neither yet. Null: nothing is promised.')

export const slaSimulationClock = z
  .object({
    ticket_id: id,
    ticket_number: z.int(),
    subject: z.string(),
    metric: slaMetric,
    started_at: timestamp,
    old_due_at: timestamp.nullable().describe('Null: paused, or not promised.'),
    new_due_at: timestamp.nullable(),
    old_result: simulatedResult,
    new_result: simulatedResult
  })
  .meta({ id: 'SlaSimulationClock', description: 'A clock that would have another result under the draft.' })

export type SlaSimulation = z.output<typeof slaSimulation>
export type SlaSimulationClock = z.output<typeof slaSimulationClock>
export type SlaPolicy = z.output<typeof slaPolicy>
export type PolicyApplication = z.output<typeof policyApplication>
export type SlaClock = z.output<typeof slaClock>
export type ReceiptLine = z.output<typeof receiptLine>
