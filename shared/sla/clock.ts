// Free of zod, because code that only shows clocks needs no validation.
import { slaMetrics } from '../ticket'

export { slaMetrics }
export const clockStates = ['pending', 'imminent', 'breached', 'achieved', 'missed', 'cancelled'] as const
/** How the clock of a ticket that is due next can stand. */
export const openClockStates = ['pending', 'imminent', 'breached', 'paused'] as const
export const cancelReasons = ['imported', 'resolved', 'message_deleted', 'policy_changed', 'undone'] as const
/** What can pause a metric: a status, or a snooze. */
export const pauseReasons = ['open', 'in_progress', 'waiting', 'snoozed'] as const
/** Nothing pauses the first response. */
export const pausableMetrics = ['next_response', 'resolution'] as const
/** The search operators that the conditions of a policy may use. */
export const policyConditionKeys = ['priority', 'severity', 'category', 'tag', 'channel', 'project', 'organization', 'tier'] as const

/** Of a policy. */
export const maxEscalations = 10
/** When an escalation happens. */
export const escalationMoments = ['warning', 'breach'] as const
/** Why an escalation was passed over. */
export const escalationReasons = [
  'member_left',
  'nobody_left',
  'already_assigned',
  'already_tagged',
  'tag_limit',
  'severity_highest',
  'refused'
] as const

/** Seconds of open hours. */
export const minTargetSeconds = 60
export const maxTargetSeconds = 365 * 86_400

export type SlaMetric = (typeof slaMetrics)[number]
export type ClockState = (typeof clockStates)[number]
export type OpenClockState = (typeof openClockStates)[number]
export type CancelReason = (typeof cancelReasons)[number]
export type EscalationMoment = (typeof escalationMoments)[number]
export type EscalationReason = (typeof escalationReasons)[number]
export type PauseReason = (typeof pauseReasons)[number]
export type PausableMetric = (typeof pausableMetrics)[number]
