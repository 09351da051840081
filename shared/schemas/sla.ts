import { roles } from '../permissions'
import {
  escalationMoments,
  maxEscalations,
  maxTargetSeconds,
  minTargetSeconds,
  pausableMetrics,
  pauseReasons,
  policyConditionKeys,
  slaMetrics,
  type PausableMetric,
  type PauseReason
} from '../sla/clock'
import { ticketPriorities } from '../ticket'
import { parseSearch, type SearchOperator } from '../utils/search-query'
import { calendarCreate, calendarUpdate } from './calendar'
import { line, uuid } from './text'
import { tag } from './ticket'
import { z } from './zod'

const severities = ['1', '2', '3', '4', '5'] as const

/** `category:bug tier:Gold` as the database stores it. Words and operators that no policy may use are problems, in words. */
export function parseConditions(text: string): { operators: SearchOperator[]; problems: string[] } {
  const { items, issues, unfinished } = parseSearch(text)
  const problems = [...issues, ...unfinished]
  const operators = items.filter((item): item is SearchOperator => !Array.isArray(item))
  if (operators.length < items.length) problems.push('Conditions have no words: use operators such as category:bug or tier:Gold')
  for (const { key } of operators)
    if (!policyConditionKeys.some(known => known === key))
      problems.push(`“${key}:” is not a condition of a policy – use ${policyConditionKeys.join(', ')}`)
  return { operators, problems }
}

const conditions = z
  .string('Conditions must be text')
  .trim()
  .max(1_000, 'Conditions must be at most 1,000 characters')
  .refine(value => !value.includes('\0') && value.isWellFormed(), { error: 'Contains characters that cannot be searched', abort: true })
  .transform((text, context) => {
    const { operators, problems } = parseConditions(text)
    for (const message of problems) context.addIssue({ code: 'custom', message })
    return operators
  })
  .describe('In the search language; all must hold. Empty: every ticket. Example: `priority:high,urgent tier:Gold`.')

const seconds = z
  .int('Targets are whole seconds')
  .min(minTargetSeconds, 'A target is at least a minute')
  .max(maxTargetSeconds, 'A target is at most a year')

const targets = z
  .partialRecord(z.enum(slaMetrics), z.partialRecord(z.enum([...ticketPriorities, ...severities]), seconds))
  .refine(metrics => Object.values(metrics).some(levels => Object.keys(levels).length > 0), 'Set at least one target')
  .describe('Seconds of open hours, for each metric and level. A metric or level that is absent has no target.')
  .meta({ examples: [{ first_response: { urgent: 3600, high: 14_400 } }] })

const pauses = z
  .partialRecord(z.enum(pausableMetrics), z.array(z.enum(pauseReasons)).max(pauseReasons.length))
  .describe('What pauses each metric: statuses, or a snooze. Nothing pauses the first response.')

const percent = (label: string) => z.int(`${label} must be a whole percentage`)

const step = {
  metric: z.enum(slaMetrics, 'Either first_response, next_response, resolution or null').nullable().describe('Null: each of them.'),
  when: z.enum(escalationMoments, 'Either warning or breach')
}
/** What happens to a ticket when a warning or a breach of one of its clocks comes. */
export const escalation = z.discriminatedUnion('action', [
  z
    .strictObject({
      ...step,
      action: z.literal('notify'),
      members: z.array(uuid).max(10, 'At most ten members').describe('Ids of members.'),
      roles: z.array(z.enum(roles, 'Either owner, admin, member or viewer')).max(roles.length),
      followers: z.boolean('Either true or false').describe('Whoever follows the ticket.')
    })
    .refine(({ members, roles, followers }) => followers || members.length + roles.length > 0, 'Say who is notified'),
  z.strictObject({ ...step, action: z.literal('raise_severity') }).describe('By one, to 1 at most.'),
  z.strictObject({ ...step, action: z.literal('assign'), member_id: uuid.describe('An owner, admin or member.') }),
  z.strictObject({ ...step, action: z.literal('add_tag'), tag })
])

const escalations = z
  .array(escalation)
  .max(maxEscalations, 'A policy has at most ten escalations')
  .refine(
    steps => new Set(steps.map(step => JSON.stringify(Object.entries(step).sort()))).size === steps.length,
    'An escalation is listed twice'
  )
  .describe('In their order. Each happens once for a clock, in the version of the policy that the clock remembers.')

const fields = {
  name: line(100, 'Name'),
  position: z.int('Position must be a whole number').min(0).max(10_000),
  is_active: z.boolean('Either true or false'),
  conditions,
  target_by: z.enum(['priority', 'severity'], 'Either priority or severity'),
  targets,
  calendar_id: uuid.nullable().describe('The calendar whose open hours count; null: around the clock.'),
  pauses,
  warn_percent: percent('The warning').min(1, 'The warning comes at 1 % or later').max(99, 'The warning comes at 99 % at the latest'),
  reopen_percent: percent('The share').min(1, 'The share is at least 1 %').max(100, 'The share is at most 100 %'),
  escalations
}

const defaultPauses: Partial<Record<PausableMetric, PauseReason[]>> = {
  next_response: ['waiting', 'snoozed'],
  resolution: ['waiting', 'snoozed']
}

const levelsOf = { priority: ticketPriorities as readonly string[], severity: severities as readonly string[] }

/** Targets of a severity in a policy by priority, or the other way round. */
function checkLevels({ target_by, targets }: { target_by: 'priority' | 'severity'; targets: Record<string, object> }): boolean {
  return Object.values(targets).every(levels => Object.keys(levels).every(level => levelsOf[target_by].includes(level)))
}
const wrongLevels = { path: ['targets'], error: 'The levels must be those of target_by: priorities, or severities 1 to 5' }

export const policyCreate = z
  .strictObject({
    ...fields,
    position: fields.position.default(0),
    is_active: fields.is_active.default(true),
    conditions: conditions.prefault(''),
    target_by: fields.target_by.default('priority'),
    calendar_id: fields.calendar_id.default(null),
    pauses: pauses.default(defaultPauses),
    warn_percent: fields.warn_percent.default(80),
    reopen_percent: fields.reopen_percent.default(25),
    escalations: escalations.default([])
  })
  .refine(checkLevels, wrongLevels)

/** Levels and targets belong together: whoever changes one sends both. */
export const policyUpdate = z
  .strictObject(fields)
  .partial()
  .refine(({ target_by, targets }) => (target_by === undefined) === (targets === undefined), {
    path: ['targets'],
    error: 'Send target_by and targets together'
  })
  .refine(({ target_by, targets }) => !target_by || !targets || checkLevels({ target_by, targets }), wrongLevels)

export type Escalation = z.output<typeof escalation>
export type PolicyCreate = z.output<typeof policyCreate>
export type PolicyUpdate = z.output<typeof policyUpdate>

const draftPolicy = z
  .strictObject({
    ...policyCreate.shape,
    id: uuid.nullable().default(null).describe('The policy that it replaces; null: a new one.'),
    position: fields.position.nullable().default(null).describe('Null: that of the policy that it replaces, or 0.')
  })
  .refine(checkLevels, wrongLevels)

const draftCalendar = z.strictObject({
  id: uuid.nullable().default(null).describe('The calendar whose hours it replaces; null: a new one, for the policy.'),
  time_zone: calendarCreate.shape.time_zone,
  hours: calendarCreate.shape.hours,
  holidays: calendarUpdate.shape.holidays.unwrap().default([])
})

/** A draft of a policy, of a calendar, or of both. */
export const slaSimulationCreate = z
  .strictObject({ policy: draftPolicy.nullable().default(null), calendar: draftCalendar.nullable().default(null) })
  .refine(({ policy, calendar }) => policy !== null || calendar !== null, {
    path: ['policy'],
    error: 'Send the draft of a policy, of a calendar, or of both'
  })
  .refine(({ policy, calendar }) => calendar === null || calendar.id !== null || policy !== null, {
    path: ['calendar', 'id'],
    error: 'A new calendar changes nothing without a policy that uses it'
  })
  .refine(({ policy, calendar }) => calendar === null || calendar.id !== null || policy === null || policy.calendar_id === null, {
    path: ['policy', 'calendar_id'],
    error: 'The policy counts the hours of the new calendar: leave its calendar_id out'
  })

export type SlaSimulationCreate = z.output<typeof slaSimulationCreate>
