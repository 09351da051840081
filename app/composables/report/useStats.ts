import type { TeamStats } from '#shared/types/api'

/** What the dashboard shows of the current team; after a failed `refetch` the last figures stay. `refetch` bears floods: at most two requests a second. */
export function useStats() {
  const { value: stats, error, refresh, refetch } = useTeamResource<TeamStats>('stats')
  return { stats, error, refresh, refetch }
}
