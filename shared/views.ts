/** Filters and order of a list as its query parameters: `{ status: ['open', 'waiting'], assigned_to: 'me' }`. */
export type ViewFilters = Record<string, string | string[]>

export interface DefaultView {
  id: string
  name: string
  icon: string
  filters: ViewFilters
}

/** The built-in views of every team; their ids are not uuids. */
export const defaultViews: DefaultView[] = [
  {
    id: 'my-open',
    name: 'My open',
    icon: 'i-lucide-circle-user-round',
    filters: { status: ['open', 'in_progress'], assigned_to: 'me', snoozed: 'false' }
  },
  {
    id: 'unassigned',
    name: 'Unassigned',
    icon: 'i-lucide-circle-dashed',
    filters: { status: ['open', 'in_progress', 'waiting'], assigned_to: 'none', snoozed: 'false' }
  },
  { id: 'all-open', name: 'All open', icon: 'i-lucide-inbox', filters: { status: ['open', 'in_progress', 'waiting'], snoozed: 'false' } },
  { id: 'breaching-soon', name: 'Breaching soon', icon: 'i-lucide-clock-alert', filters: { q: 'is:breaching', sort: 'due_at' } },
  { id: 'snoozed', name: 'Snoozed', icon: 'i-lucide-alarm-clock', filters: { snoozed: 'true', sort: 'snoozed_until' } },
  {
    id: 'recently-resolved',
    name: 'Recently resolved',
    icon: 'i-lucide-circle-check',
    filters: { status: 'resolved', sort: 'last_activity_at', order: 'desc' }
  }
]

/** Counting stops here; the app shows "999+". */
export const maxViewCount = 1_000
