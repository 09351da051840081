import type { TeamStats } from '#shared/types/api'

/** The figures of the dashboard, live. */
export function useStats() {
  const {
    data: stats,
    error,
    refresh
  } = useLive<TeamStats | null>('stats', {
    empty: () => null,
    tables: { tickets: true, ticket_replies: true }
  })
  return { stats, error, refresh }
}
