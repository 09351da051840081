import type { Job, Jobs } from '#shared/types/api'

/** What waits and what failed in the outbox of the current team. Not broadcast, so polled. */
export function useJobs() {
  const { data: jobs, url, error, refresh } = useLive<Jobs | null>('jobs', { empty: () => null, pollMs: 5_000 })

  /** Tries a failed job again now. */
  async function retry({ id }: Job): Promise<void> {
    await $fetch(`${url.value}/${id}/retry`, { method: 'POST' }).finally(refresh)
  }

  return { jobs, error, refresh, retry }
}
