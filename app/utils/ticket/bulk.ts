import { plural } from '#shared/utils/plural'
import type { BulkAction } from '#shared/bulk'
import type { BulkOperation } from '#shared/types/api'
import type { TicketListFilter } from './ticket-query'
import { momentName } from './snooze'
import { emptyFilter } from './ticket-query'

/** The selected tickets: by ids, or all `total` tickets that the filter of the list matches, on all pages. */
export type BulkSelection = { ids: string[] } | { filter: Partial<TicketListFilter>; total: number }

/** The selection in the request of the bulk route. */
export function bulkSelection(selection: BulkSelection): { ids: string[] } | { filter: Record<string, string | string[]> } {
  if ('ids' in selection) return { ids: selection.ids }
  const known = Object.keys(emptyFilter())
  return {
    filter: Object.fromEntries(Object.entries(selection.filter).filter(([key, value]) => known.includes(key) && String(value) !== ''))
  }
}

const bulkVerbs: Record<Exclude<BulkAction, 'snooze'>, string> = {
  reassign: 'reassigned',
  close: 'closed',
  set_status: 'changed',
  set_severity: 'changed',
  set_priority: 'changed',
  set_category: 'moved',
  add_tag: 'tagged',
  remove_tag: 'untagged',
  delete: 'deleted'
}

/** The result of an operation so far: "12 tickets closed". */
export function bulkSummary({ action, value, updated }: Pick<BulkOperation, 'action' | 'value' | 'updated'>): string {
  if (updated === 0) return 'Nothing to change: all tickets already had this value'
  return `${plural(updated, '1 ticket', '# tickets')} ${action !== 'snooze' ? bulkVerbs[action] : typeof value === 'string' ? `snoozed until ${momentName(value)}` : 'woken up'}`
}

/** The result of an undo: "11 tickets restored", and how many were skipped. */
export function undoSummary({ restored, skipped }: Pick<BulkOperation, 'restored' | 'skipped'>): { title: string; description?: string } {
  return {
    title: restored === 0 ? 'Nothing was restored' : plural(restored, '1 ticket restored', '# tickets restored'),
    ...(skipped > 0 && {
      description: plural(skipped, '1 ticket was skipped: it has changed since', '# tickets were skipped: they have changed since')
    })
  }
}
