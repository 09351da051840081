/**
 * GET `/api/teams/[teamId]/<name>`, loaded at once and again when the current team changes; `value` is null until then.
 * After a failed `refetch` the last value stays. `path` is for requests that change it.
 */
export function useTeamResource<T>(name: string) {
  const { teamId } = useTeam()
  const path = computed(() => `/api/teams/${teamId.value}/${name}`)
  const value = shallowRef<T | null>(null)

  const { error, refresh, refetch } = useResource(
    async signal => {
      value.value = await $fetch<T>(path.value, { signal })
    },
    { isWanted: () => Boolean(teamId.value) }
  ) // signed out, or in no team any more

  watch(
    teamId,
    () => {
      value.value = null
      void refresh()
    },
    { immediate: true }
  )

  return { value, path, error, refresh, refetch }
}
