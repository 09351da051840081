import { metricNames } from '#shared/sla/receipt'
import type { OpenClockState } from '#shared/sla/clock'
import type { TicketRow } from '#shared/types/api'

type Due = Pick<TicketRow, 'sla_metric' | 'sla_state' | 'sla_due_at'>

/** How the clock that is due next stands at `now` (milliseconds), which may be ahead of what the job has marked. */
export function dueState({ sla_state, sla_due_at }: Due, now: number): OpenClockState | null {
  return sla_due_at !== null && Date.parse(sla_due_at) <= now ? 'breached' : sla_state
}

export const dueDisplay: Record<OpenClockState, { icon: string; color: string; word: string }> = {
  pending: { icon: 'i-lucide-clock', color: 'text-muted', word: 'On time' },
  imminent: { icon: 'i-lucide-clock-alert', color: 'text-warning-700 dark:text-warning', word: 'Due soon' },
  breached: { icon: 'i-lucide-flame', color: 'text-error-700 dark:text-error', word: 'Overdue' },
  paused: { icon: 'i-lucide-circle-pause', color: 'text-muted', word: 'Paused' }
}

/** "23 min", "5 h", "2 h late", "Tue 14:55" from a day ahead on, "Paused". In the reader's time zone. */
export function dueText(due: Due, now: number): string {
  if (due.sla_due_at === null) return 'Paused'
  const ms = Date.parse(due.sla_due_at) - now
  if (ms <= 0) return `${roughSpan(-ms)} late`
  if (ms < 86_400_000) return roughSpan(ms)
  const date = new Date(due.sla_due_at)
  return ms < 6 * 86_400_000
    ? date.toLocaleString('en-GB', { weekday: 'short', hour: '2-digit', minute: '2-digit' }).replace(',', '')
    : date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
}

/** The whole story for a tooltip: the metric, the exact time, and the same in the team's time zone if it differs. */
export function dueTitle(due: Due, teamZone: string): string {
  const name = metricNames[due.sla_metric!]
  if (due.sla_due_at === null) return `${name}: paused`
  const date = new Date(due.sla_due_at)
  const local = date.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })
  const there = date.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: teamZone })
  return `${name} due ${local}${there === local ? '' : ` (${there} in ${teamZone})`}`
}

// Truncated, so that nobody believes to have more time than there is.
function roughSpan(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`
}
