import type { Job, Jobs } from '#shared/types/api'

/** The waiting and failed jobs of the current team. They are not broadcast, so they are polled. */
export function useJobs() {
  const { data: jobs, url, error, refresh } = useLive<Jobs | null>('jobs', { empty: () => null, pollMs: 5_000 })

  /** Retries a job now. */
  async function retry({ id }: Job): Promise<void> {
    await $fetch(`${url.value}/${id}/retry`, { method: 'POST' }).finally(refresh)
  }

  return { jobs, error, refresh, retry }
}
