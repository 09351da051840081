import type { SlaSimulation, SlaSimulationClock } from '#shared/types/api'
import type { CalendarBody } from '../calendar/calendar-form'
import type { PolicyInput } from './policy-form'

/** What `POST sla-policies/simulate` takes. */
export interface SimulationDraft {
  policy?: PolicyInput & { id: string | null }
  calendar?: Pick<CalendarBody, 'time_zone' | 'hours' | 'holidays'> & { id: string }
}

export function isUnfinished({ status }: Pick<SlaSimulation, 'status'>): boolean {
  return status === 'waiting' || status === 'running'
}

/** How a clock ended, or would have ended, in words. */
export const simulatedResults: Record<'met' | 'missed' | 'open', { word: string; icon: string; color: string }> = {
  met: { word: 'Met', icon: 'i-lucide-check', color: 'text-success-700 dark:text-success' },
  missed: { word: 'Missed', icon: 'i-lucide-flame', color: 'text-error-700 dark:text-error' },
  open: { word: 'Open', icon: 'i-lucide-clock', color: 'text-muted' }
}

/** "8 Jun, 09:45", in the reader's time zone. */
export function simulatedDue(at: SlaSimulationClock['old_due_at']): string {
  if (at === null) return '—'
  return new Date(at).toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
}
