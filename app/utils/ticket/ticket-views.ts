import type { SavedView } from '#shared/types/api'
import type { TicketListQuery } from './ticket-query'
import { defaultViews, maxViewCount, type ViewFilters } from '#shared/views'
import { addressOf, parseListQuery } from './ticket-query'

/** A built-in or saved view. */
export interface TicketView {
  id: string
  name: string
  icon: string
  filters: ViewFilters
  saved?: SavedView
}

/** The built-in views, then the person's own, then those of the team. */
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

/** The filters and order that a saved view stores. */
export function viewFiltersOf(list: TicketListQuery): ViewFilters {
  const { page: _, page_size: __, ...filters } = addressOf(list)
  return filters
}

/** Whether a view has the filters and order of the list. */
export function isView(filters: ViewFilters, list: TicketListQuery): boolean {
  return canonical(parseListQuery(filters)) === canonical(list)
}

export function viewAddress(filters: ViewFilters): { path: string; query: Record<string, string | string[]> } {
  return { path: '/tickets', query: viewFiltersOf(parseListQuery(filters)) }
}

/** "12", or "999+" where counting stopped. */
export function viewCount(count: number): string {
  return count >= maxViewCount ? `${maxViewCount - 1}+` : String(count)
}

/** The new positions of all views that move when one view moves by `by` places. */
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
