import { serverNow } from '../app/server-time'

const dayMs = 86_400_000

/**
 * Formats a future time in the reader's time zone, as short as it is unambiguous at `now` (in milliseconds): "15:30" today,
 * "Mon 09:00" within a week, then "7 Dec, 09:00".
 */
export function momentName(iso: string, now = serverNow(), weekday: 'short' | 'long' = 'short'): string {
  const at = new Date(iso)
  const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' }).format(at)
  const today = new Date(now).setHours(0, 0, 0, 0)
  const ahead = Math.round((new Date(at).setHours(0, 0, 0, 0) - today) / dayMs)
  if (ahead === 0) return time
  if (ahead > 0 && ahead < 7) return `${new Intl.DateTimeFormat('en', { weekday }).format(at)} ${time}`
  return `${new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: at.getFullYear() === new Date(now).getFullYear() ? undefined : 'numeric' }).format(at)}, ${time}`
}

/** Resolved and closed tickets cannot be snoozed. */
export function maySnooze({ status }: { status: string }): boolean {
  return status !== 'resolved' && status !== 'closed'
}
