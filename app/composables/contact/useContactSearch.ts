import type { Contact, Page } from '#shared/types/api'

const debounceMs = 200
const limit = 8

/** The first contacts whose name or address contains all words of `text`; none for an empty text. */
export function useContactSearch(text: () => string) {
  const q = refDebounced(
    computed(() => text().trim().slice(0, 200)),
    debounceMs
  )
  const { data, isLoading, isStale, error } = useLive<Page<Contact>>(() => (q.value ? 'contacts' : null), {
    empty: () => ({ data: [], total: 0, page: 1, page_size: limit }),
    query: () => ({ q: q.value, page: 1, page_size: limit })
  })

  return {
    contacts: computed(() => (q.value ? data.value.data : [])),
    /** Whether the contacts are those of the current text. */
    isCurrent: computed(() => q.value === text().trim().slice(0, 200) && !isStale.value && !isLoading.value),
    isLoading,
    error
  }
}
