import type { SearchResults } from '#shared/types/api'

/** What the team's tickets and replies hold of `q`; empty while nothing is asked. Asks a moment after the last change. */
export function useSearch(q: Ref<string>, limit = 20) {
  const { teamId } = useTeam()
  const results = shallowRef<SearchResults | null>(null)
  const asked = refDebounced(
    computed(() => q.value.trim()),
    200
  )

  const { error, isLoading, refresh } = useResource(async signal => {
    results.value = await $fetch<SearchResults>(`/api/teams/${teamId.value}/search`, { query: { q: asked.value, limit }, signal })
  })

  watch(
    [teamId, asked],
    () => {
      if (!asked.value) results.value = null
      else if (teamId.value) void refresh()
    },
    { immediate: true }
  )

  return { results, error, isLoading, refresh }
}
