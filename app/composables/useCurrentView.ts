import type { TicketListQuery } from '~/utils/ticket-query'

// The view that was shown last: the list may have been changed since without being another view.
const lastId = ref<string | null>(null)

/** The view that a list is: exactly, or one whose conditions have been changed since it was chosen. */
export function useCurrentView(query: Ref<TicketListQuery>) {
  const { views } = useSavedViews()
  const exact = computed(() => {
    const same = views.value.filter(({ filters }) => isView(filters, query.value))
    return same.find(({ id }) => id === lastId.value) ?? same[0] ?? null
  })
  const isPlain = computed(() => isView({}, query.value))

  watch([exact, isPlain], () => {
    if (exact.value) lastId.value = exact.value.id
    else if (isPlain.value) lastId.value = null
  }, { immediate: true })

  const current = computed(() => exact.value ?? (isPlain.value ? null : views.value.find(({ id }) => id === lastId.value) ?? null))

  return { current, exact, isPlain, isModified: computed(() => current.value !== null && exact.value === null) }
}
