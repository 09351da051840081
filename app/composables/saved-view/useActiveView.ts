import type { ViewFilters } from '#shared/views'
import type { TicketListQuery } from '~/utils/ticket/ticket-query'

// The id of the active view; needed if several views have the same conditions.
const activeId = ref<string | null>(null)
// The filters that the active view was changed to. A list that is reached by a link is not a changed view.
const change = shallowRef<{ filters: ViewFilters; id: string } | null>(null)

/** Records that the filters or headers of the list changed it to `list`: the active view stays active, as modified. */
export function changeView(list: TicketListQuery): void {
  change.value = activeId.value === null ? null : { filters: viewFiltersOf(list), id: activeId.value }
}

/** The view of a list: an exact match, or the view whose conditions were changed. */
export function useActiveView(query: Ref<TicketListQuery>) {
  const { views } = useSavedViews()
  const exact = computed(() => {
    const same = views.value.filter(({ filters }) => isView(filters, query.value))
    return same.find(({ id }) => id === activeId.value) ?? same[0] ?? null
  })
  const isPlain = computed(() => isView({}, query.value))

  const changed = computed(() => {
    const changedId = !isPlain.value && change.value && isView(change.value.filters, query.value) ? change.value.id : null
    return views.value.find(({ id }) => id === changedId) ?? null
  })
  const current = computed(() => exact.value ?? changed.value)

  watch(
    current,
    view => {
      activeId.value = view?.id ?? null
    },
    { immediate: true }
  )

  return { current, exact, isPlain, isModified: computed(() => current.value !== null && exact.value === null) }
}
