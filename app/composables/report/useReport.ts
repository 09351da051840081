import { reportWindows, type ReportTableName, type ReportWindow } from '#shared/utils/report'
import type { ReportSummary } from '#shared/types/api'

/** The report of the current team for the days that the address bar names; live, at most one request in two seconds. */
export function useReport() {
  const route = useRoute()
  const router = useRouter()
  const { teamId } = useTeam()
  const { onTable, onResync } = useRealtime()
  const report = shallowRef<ReportSummary | null>(null)

  const window = computed<ReportWindow>({
    get: () => reportWindows.find(days => String(days) === route.query.window) ?? 30,
    set: days => void router.replace({ query: days === 30 ? {} : { window: days } })
  })

  const { error, isLoading, refresh, refetch } = useResource(
    async signal => {
      report.value = await $fetch<ReportSummary>(`/api/teams/${teamId.value}/analytics/summary`, {
        query: { window: window.value },
        signal
      })
    },
    { interval: 2_000 }
  )

  watch(
    [teamId, window],
    () => {
      if (teamId.value) void refresh()
    },
    { immediate: true }
  )
  onTable('tickets', refetch)
  onResync(refetch)

  /** Where one table of this report can be had as CSV. */
  function csvPath(table: ReportTableName): string {
    return `/api/teams/${teamId.value}/analytics/report.csv?table=${table}&window=${window.value}`
  }

  return { window, report, error, isLoading, refresh, csvPath }
}
