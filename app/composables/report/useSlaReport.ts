import type { ReportWindow } from '#shared/utils/report'
import type { SlaReport } from '#shared/types/api'

/** How the current team kept its SLA in the last `window` days, live. */
export function useSlaReport(window: MaybeRefOrGetter<ReportWindow>) {
  const {
    data: report,
    error,
    refresh
  } = useLive<SlaReport | null>('analytics/sla', {
    empty: () => null,
    query: () => ({ window: toValue(window) }),
    tables: { tickets: true },
    interval: 2_000
  })
  return { report, error, refresh }
}
