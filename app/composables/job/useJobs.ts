import type { Job, Jobs } from '#shared/types/api'

// Queues move by themselves and tell nobody: what is looked at is asked for again.
const pollMs = 5_000

/** What waits and what failed in the queues of the current team, as long as somebody looks. */
export function useJobs() {
  const visibility = useDocumentVisibility()
  const { value: jobs, path, error, refresh } = useTeamResource<Jobs>('jobs')
  useIntervalFn(() => {
    if (visibility.value === 'visible') void refresh()
  }, pollMs)

  /** Has it tried again now. */
  async function retry({ id }: Job): Promise<void> {
    await $fetch(`${path.value}/${id}/retry`, { method: 'POST' }).finally(refresh)
  }

  return { jobs, error, refresh, retry }
}
