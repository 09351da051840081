import type { SavedView } from '#shared/types/api'
import type { TicketListQuery } from './ticket-query'
import { defaultViews, maxViewCount, type ViewFilters } from '#shared/views'
import { addressOf, parseListQuery } from './ticket-query'

/** A list of tickets under a name: one that every team has, or one that somebody saved. */
export interface TicketView {
  id: string
  name: string
  icon: string
  filters: ViewFilters
  saved?: SavedView
}

/** The default views, then one's own, then those of the team. */
export function allViews(saved: SavedView[]): TicketView[] {
  return [
    ...defaultViews,
    ...saved.map(view => ({
      id: view.id,
      name: view.name,
      icon: view.is_shared ? 'i-lucide-users-round' : 'i-lucide-bookmark',
      filters: view.filters,
      saved: view
    }))
  ]
}

/** What of a list is saved under a name: what narrows and orders it. */
export function viewFiltersOf(list: TicketListQuery): ViewFilters {
  const { page: _, page_size: __, ...filters } = addressOf(list)
  return filters
}

/** Whether a view shows that list, whatever its page. */
export function isView(filters: ViewFilters, list: TicketListQuery): boolean {
  return canonical(parseListQuery(filters)) === canonical(list)
}

export function viewAddress(filters: ViewFilters): { path: string; query: Record<string, string | string[]> } {
  return { path: '/tickets', query: viewFiltersOf(parseListQuery(filters)) }
}

/** "12", and where counting has stopped "999+". */
export function viewCount(count: number): string {
  return count >= maxViewCount ? `${maxViewCount - 1}+` : String(count)
}

/** New positions of the views whose place changes when one of them moves by `by` places among its kind. */
export function movedPositions(views: SavedView[], id: string, by: -1 | 1): { id: string; position: number }[] {
  const from = views.findIndex(view => view.id === id)
  const to = from + by
  if (from < 0 || to < 0 || to >= views.length) return []
  const order = views.toSpliced(from, 1).toSpliced(to, 0, views[from]!)
  return order
    .map((view, position) => ({ id: view.id, position, before: view.position }))
    .filter(({ position, before }) => position !== before)
    .map(({ id, position }) => ({ id, position }))
}

function canonical({ page: _, page_size: __, ...list }: TicketListQuery): string {
  return JSON.stringify(Object.entries(list).map(([key, value]) => [key, Array.isArray(value) ? [...value].sort() : value]))
}
