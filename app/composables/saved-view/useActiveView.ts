import type { ViewFilters } from '#shared/views'
import type { TicketListQuery } from '~/utils/ticket/ticket-query'

// The view that is shown: of several with the same conditions the one that was chosen.
const shownId = ref<string | null>(null)
// What the view that was shown has been changed into. A list that is reached in another way is no changed view.
const change = shallowRef<{ filters: ViewFilters; id: string } | null>(null)

/** The list that is shown becomes `list` by its own filters and headers: it stays the view that it is, changed. */
export function changeView(list: TicketListQuery): void {
  change.value = shownId.value === null ? null : { filters: viewFiltersOf(list), id: shownId.value }
}

/** The view that a list is: exactly, or one whose conditions have been changed since it was chosen. */
export function useActiveView(query: Ref<TicketListQuery>) {
  const { views } = useSavedViews()
  const exact = computed(() => {
    const same = views.value.filter(({ filters }) => isView(filters, query.value))
    return same.find(({ id }) => id === shownId.value) ?? same[0] ?? null
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
      shownId.value = view?.id ?? null
    },
    { immediate: true }
  )

  return { current, exact, isPlain, isModified: computed(() => current.value !== null && exact.value === null) }
}
