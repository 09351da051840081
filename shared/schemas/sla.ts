import {
  maxTargetSeconds,
  minTargetSeconds,
  pausableMetrics,
  pauseReasons,
  policyConditionKeys,
  slaMetrics,
  type PauseReason,
  type SlaMetric
} from '../sla/clock'
import { ticketPriorities } from '../ticket'
import { parseSearch, type SearchOperator } from '../utils/search-query'
import { calendarCreate, calendarUpdate } from './calendar'
import { line, uuid } from './text'
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
  reopen_percent: percent('The share').min(1, 'The share is at least 1 %').max(100, 'The share is at most 100 %')
}

const defaultPauses: Partial<Record<Exclude<SlaMetric, 'first_response'>, PauseReason[]>> = {
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
    reopen_percent: fields.reopen_percent.default(25)
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
