import { reportWindows, type ReportTableName, type ReportWindow } from '#shared/utils/report'
import type { ReportSummary } from '#shared/types/api'

/** The report of the current team for the window in the URL, live. */
export function useReport() {
  const route = useRoute()
  const router = useRouter()

  const window = computed<ReportWindow>({
    get: () => reportWindows.find(days => String(days) === route.query.window) ?? 30,
    set: days => void router.replace({ query: days === 30 ? {} : { window: days } })
  })

  const { teamId } = useTeam()
  const {
    data: report,
    error,
    isLoading,
    refresh
  } = useLive<ReportSummary | null>('analytics/summary', {
    empty: () => null,
    query: () => ({ window: window.value }),
    tables: { tickets: true },
    interval: 2_000
  })

  /** The URL of one table of the report as CSV. */
  function csvPath(table: ReportTableName): string {
    return `/api/teams/${teamId.value}/analytics/report.csv?table=${table}&window=${window.value}`
  }

  return { window, report, error, isLoading, refresh, csvPath }
}
