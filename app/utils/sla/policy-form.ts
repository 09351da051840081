import {
  maxTargetSeconds,
  minTargetSeconds,
  pausableMetrics,
  pauseReasons,
  slaMetrics,
  type PausableMetric,
  type PauseReason,
  type SlaMetric
} from '#shared/sla/clock'
import { spanText } from '#shared/sla/receipt'
import { parseConditions, policyCreate, type Escalation } from '#shared/schemas/sla'
import { z } from '#shared/schemas/zod'
import { ticketPriorities } from '#shared/ticket'
import type { SlaPolicy } from '#shared/types/api'
import { noChoice } from '../contact/contact-form'
import { escalationFields, escalationInput, escalationsFormSchema } from './escalation-form'

export const policyLevels = { priority: [...ticketPriorities].reverse(), severity: ['1', '2', '3', '4', '5'] } as const

const target = z.string().superRefine((text, context) => {
  const seconds = parseSpan(text)
  if (seconds === undefined) context.addIssue({ code: 'custom', message: 'For example 30m, 4h or 1h 30m' })
  else if (seconds !== null && (seconds < minTargetSeconds || seconds > maxTargetSeconds))
    context.addIssue({ code: 'custom', message: 'From a minute to a year' })
})

/** The form for a policy: targets as people write them, one field for each metric and level. */
export const policyFormSchema = z.object({
  name: policyCreate.shape.name,
  conditions: z.string().superRefine((text, context) => {
    for (const message of parseConditions(text).problems) context.addIssue({ code: 'custom', message })
  }),
  target_by: z.enum(['priority', 'severity']),
  targets: z.record(z.string(), target),
  calendar_id: z.string(),
  pauses: z.record(z.enum(pausableMetrics), z.array(z.enum(pauseReasons))),
  warn_percent: z.coerce.number().pipe(policyCreate.shape.warn_percent.unwrap()),
  reopen_percent: z.coerce.number().pipe(policyCreate.shape.reopen_percent.unwrap()),
  escalations: escalationsFormSchema
})

export type PolicyFields = z.input<typeof policyFormSchema>

/** What the routes take. */
export interface PolicyInput {
  name: string
  conditions: string
  target_by: 'priority' | 'severity'
  targets: Partial<Record<SlaMetric, Record<string, number>>>
  calendar_id: string | null
  pauses: Record<PausableMetric, PauseReason[]>
  warn_percent: number
  reopen_percent: number
  escalations: Escalation[]
}

export function policyFields(row?: SlaPolicy): PolicyFields {
  const by = row?.target_by ?? 'priority'
  return {
    name: row?.name ?? '',
    conditions: row?.conditions ?? '',
    target_by: by,
    targets: Object.fromEntries(
      slaMetrics.flatMap(metric =>
        [...policyLevels.priority, ...policyLevels.severity].map(level => {
          const seconds = row?.targets[metric]?.[level]
          return [targetName(metric, level), seconds === undefined ? '' : targetText(seconds)]
        })
      )
    ),
    calendar_id: row?.calendar_id ?? noChoice,
    pauses: {
      next_response: row ? [...(row.pauses.next_response ?? [])] : ['waiting', 'snoozed'],
      resolution: row ? [...(row.pauses.resolution ?? [])] : ['waiting', 'snoozed']
    },
    warn_percent: row?.warn_percent ?? 80,
    reopen_percent: row?.reopen_percent ?? 25,
    escalations: row?.escalations.map(escalationFields) ?? []
  }
}

/** `targets` holds the metrics with a target for any level of the chosen kind. */
export function policyInput({ targets, calendar_id, escalations, ...fields }: z.output<typeof policyFormSchema>): PolicyInput {
  return {
    ...fields,
    calendar_id: calendar_id === noChoice ? null : calendar_id,
    escalations: escalations.map(escalationInput),
    targets: Object.fromEntries(
      slaMetrics.flatMap(metric => {
        const set = policyLevels[fields.target_by].flatMap(level => {
          const seconds = parseSpan(targets[targetName(metric, level)] ?? '')
          return seconds ? [[level, seconds] as const] : []
        })
        return set.length > 0 ? [[metric, Object.fromEntries(set)] as const] : []
      })
    )
  }
}

export function targetName(metric: SlaMetric, level: string): string {
  return `${metric}:${level}`
}

/** Seconds of "30m", "4h", "1 h 30 min 15 s" or "90" (minutes); null if empty, undefined if it is no time. */
export function parseSpan(text: string): number | null | undefined {
  const plain = text.trim().toLowerCase()
  if (plain === '') return null
  const match = /^(?:(\d{1,5})\s*h(?:ours?)?)?\s*(?:(\d{1,6})\s*(?:m(?:in(?:utes?)?)?|$))?\s*(?:(\d{1,8})\s*s(?:ec(?:onds?)?)?)?$/.exec(
    plain
  )
  if (!match) return undefined
  const [, hours = 0, minutes = 0, seconds = 0] = match
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
}

/** The whole target: the API takes seconds, which a form must not drop. */
function targetText(seconds: number): string {
  return seconds % 60 === 0 ? spanText(seconds) : `${spanText(seconds - (seconds % 60))} ${seconds % 60} s`
}

/** Of each metric with a target, its shortest and longest: "30 min – 8 h". */
export function targetLines({ targets }: Pick<SlaPolicy, 'targets'>): { metric: SlaMetric; span: string }[] {
  return slaMetrics.flatMap(metric => {
    const seconds = Object.values(targets[metric] ?? {}).sort((a, b) => a - b)
    if (seconds.length === 0) return []
    const [shortest, longest] = [spanText(seconds[0]!), spanText(seconds.at(-1)!)]
    return [{ metric, span: shortest === longest ? shortest : `${shortest} – ${longest}` }]
  })
}
