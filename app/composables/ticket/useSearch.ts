import type { SearchResults } from '#shared/types/api'

/** Search results for `q` in tickets and replies of the team; null without words. */
export function useSearch(q: Ref<string>, limit = 20) {
  const words = refDebounced(
    computed(() => q.value.trim()),
    200
  )
  const {
    data: results,
    error,
    isLoading,
    refresh
  } = useLive<SearchResults | null>(() => (words.value ? 'search' : null), {
    empty: () => null,
    query: () => ({ q: words.value, limit })
  })
  return { results, error, isLoading, refresh }
}
