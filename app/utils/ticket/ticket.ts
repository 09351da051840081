import { plural } from '#shared/utils/plural'
import type { Permission } from '#shared/permissions'
import { ticketStatuses } from '#shared/ticket'
import type { TicketPriority, TicketStatus } from '#shared/schemas/ticket'
import type { TextFormat } from '#shared/text-format'
import type { TicketRow } from '#shared/types/api'

type Color = 'error' | 'warning' | 'info' | 'success' | 'neutral'

export interface BadgeDisplay {
  label: string
  color: Color
  icon: string
}

/** Each status, priority and severity has the same word, colour and icon everywhere. */
export const statusDisplay: Record<TicketStatus, BadgeDisplay> = {
  open: { label: 'Open', color: 'error', icon: 'i-lucide-circle-dot' },
  in_progress: { label: 'In Progress', color: 'warning', icon: 'i-lucide-circle-play' },
  waiting: { label: 'Waiting', color: 'info', icon: 'i-lucide-circle-pause' },
  resolved: { label: 'Resolved', color: 'success', icon: 'i-lucide-circle-check' },
  closed: { label: 'Closed', color: 'neutral', icon: 'i-lucide-circle-slash' }
}

export const priorityDisplay: Record<TicketPriority, BadgeDisplay> = {
  low: { label: 'Low', color: 'neutral', icon: 'i-lucide-signal-low' },
  normal: { label: 'Normal', color: 'info', icon: 'i-lucide-signal-medium' },
  high: { label: 'High', color: 'warning', icon: 'i-lucide-signal-high' },
  urgent: { label: 'Urgent', color: 'error', icon: 'i-lucide-siren' }
}

export interface SeverityLevel {
  value: number
  label: string
  name: string
  bar: string
  dot: string
}

export const severityLevels: SeverityLevel[] = [
  { value: 1, label: 'SEV 1', name: 'SEV 1 · Critical', bar: 'border-s-red-600', dot: 'bg-red-600' },
  { value: 2, label: 'SEV 2', name: 'SEV 2 · High', bar: 'border-s-orange-500', dot: 'bg-orange-500' },
  { value: 3, label: 'SEV 3', name: 'SEV 3 · Medium', bar: 'border-s-yellow-400', dot: 'bg-yellow-400' },
  { value: 4, label: 'SEV 4', name: 'SEV 4 · Low', bar: 'border-s-sky-500', dot: 'bg-sky-500' },
  { value: 5, label: 'SEV 5', name: 'SEV 5 · Minimal', bar: 'border-s-neutral-300 dark:border-s-neutral-600', dot: 'bg-neutral-400' }
]

export function severityDisplay(severity: number): SeverityLevel {
  return severityLevels[severity - 1] ?? severityLevels[2]!
}

/** "#001", with at least three digits. */
export function ticketNumber(number: number): string {
  return `#${String(number).padStart(3, '0')}`
}

/** The statuses that a person may change a ticket to; excludes changes that the server would reject. */
export function statusTargets(status: TicketStatus, can: (permission: Permission) => boolean): TicketStatus[] {
  if (!can('tickets.update')) return []
  const mayClose = can('tickets.close')
  if (status === 'closed') return mayClose ? ['open'] : []
  const targets = Object.keys(statusDisplay) as TicketStatus[]
  return targets.filter(target => target !== status && (target !== 'closed' || mayClose))
}

/** The options of a status menu: the current status and its targets. */
export function statusChoices(status: TicketStatus, can: (permission: Permission) => boolean): TicketStatus[] {
  const targets = statusTargets(status, can)
  return ticketStatuses.filter(choice => choice === status || targets.includes(choice))
}

/** Whether a person may reply. In a closed ticket, only those who may close tickets. */
export function mayReply(status: TicketStatus, can: (permission: Permission) => boolean): boolean {
  return can('tickets.view') && (status !== 'closed' || can('tickets.close'))
}

/** "vip, Refund ,vip" → ["vip", "refund"], normalised like on the server. */
export function parseTags(text: string): string[] {
  return [
    ...new Set(
      text
        .split(',')
        .map(tag => tag.trim().normalize('NFC').toLowerCase())
        .filter(Boolean)
    )
  ]
}

/** Whether a client wrote the last message after `readAt`. Whoever wrote a request down has read it. As `isUnread()` of the server. */
export function hasNewMessage(
  {
    last_message_by,
    last_message_at,
    created_by,
    created_at
  }: Pick<TicketRow, 'last_message_by' | 'last_message_at' | 'created_by' | 'created_at'>,
  me: string | undefined,
  readAt: string | null | undefined
): boolean {
  return (
    last_message_by === 'requester' &&
    (!readAt || Date.parse(last_message_at) > Date.parse(readAt)) &&
    !(created_by === me && Date.parse(last_message_at) === Date.parse(created_at))
  )
}

/** The excerpt of a description on one line, without Markdown syntax. */
export function plainExcerpt({ excerpt, format }: { excerpt: string; format: TextFormat }): string {
  const text = format === 'markdown' ? excerpt.replace(/```\S*|\*\*|`|^\s*(?:>|#{1,6}\s|[-*]\s)/gm, '') : excerpt
  return text.replace(/\s+/g, ' ').trim()
}

/** When a ticket closes automatically, in milliseconds; null unless it is resolved. */
export function closesAt(
  { status, resolved_at }: { status: TicketStatus; resolved_at: string | null },
  autoCloseDays: number
): number | null {
  if (status !== 'resolved' || !resolved_at) return null
  return Date.parse(resolved_at) + autoCloseDays * 86_400_000
}

/** "Closes in 3 days". Both times are in milliseconds. The closing job runs once an hour. */
export function closingHint(at: number, now: number): string {
  const hours = Math.round((at - now) / 3_600_000)
  if (hours < 1) return 'Closes within the hour'
  if (hours < 24) return plural(hours, 'Closes in 1 hour', 'Closes in # hours')
  return plural(Math.round(hours / 24), 'Closes in 1 day', 'Closes in # days')
}
