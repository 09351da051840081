import type { Job, Jobs } from '#shared/types/api'

// Queues move by themselves and tell nobody: what is looked at is asked for again.
const pollMs = 5_000

/** What waits and what failed in the queues of the current team, as long as somebody looks. */
export function useJobs() {
  const { teamId } = useTeam()
  const visibility = useDocumentVisibility()
  const base = computed(() => `/api/teams/${teamId.value}/jobs`)
  const jobs = shallowRef<Jobs | null>(null)

  const { error, refresh } = useResource(async (signal) => {
    jobs.value = await $fetch<Jobs>(base.value, { signal })
  })
  watch(teamId, () => {
    jobs.value = null
    void refresh()
  }, { immediate: true })
  useIntervalFn(() => {
    if (visibility.value === 'visible') void refresh()
  }, pollMs)

  /** Has it tried again now. */
  async function retry({ id }: Job): Promise<void> {
    await $fetch(`${base.value}/${id}/retry`, { method: 'POST' }).finally(refresh)
  }

  return { jobs, error, refresh, retry }
}
