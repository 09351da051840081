import type { TeamStats } from '#shared/types/api'

/** What the dashboard shows of the current team; after a failed `refetch` the last figures stay. `refetch` bears floods: at most two requests a second. */
export function useStats() {
  const { teamId } = useTeam()
  const stats = shallowRef<TeamStats | null>(null)

  const { error, refresh, refetch } = useResource(async (signal) => {
    stats.value = await $fetch<TeamStats>(`/api/teams/${teamId.value}/stats`, { signal })
  })

  watch(teamId, () => {
    stats.value = null
    if (teamId.value) void refresh()
  }, { immediate: true })

  return { stats, error, refresh, refetch }
}
