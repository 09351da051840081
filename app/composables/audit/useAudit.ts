import type { CursorPage } from '#shared/types/api'
import type { TicketEvent } from '#shared/schemas/event'
import type { AuditFilter } from '~/utils/audit/audit'

const pageSize = 50

/** The audit log, newest first, with the filter in the URL. New entries are counted and appear on `show`. */
export function useAudit() {
  const route = useRoute()
  const router = useRouter()
  const { teamId } = useTeam()
  const { onTable, onResync } = useRealtime()
  const filter = computed(() => parseAuditFilter(route.query))

  const {
    rows: events,
    url,
    queryKey,
    isLoaded,
    isLoading,
    isStale,
    error,
    refresh,
    hasMore,
    more,
    isLoadingMore
  } = useCursorPages<TicketEvent>('audit', {
    pageSize,
    query: () => auditRequest(filter.value),
    failure: 'Earlier entries were not loaded'
  })

  // The first page, fetched again to count new entries: only the server knows which events match the filter.
  const newest = shallowRef<{ queryKey: string; rows: TicketEvent[] }>({ queryKey: '', rows: [] })
  const { refetch: count } = useResource(
    async signal => {
      const requestedKey = queryKey.value
      const query = { ...auditRequest(filter.value), page_size: pageSize, cursor: '' }
      const { data } = await $fetch<CursorPage<TicketEvent>>(url.value, { query, signal })
      newest.value = { queryKey: requestedKey, rows: data }
    },
    { interval: 1_000, isEnabled: () => isLoaded.value }
  )
  const arrivedCount = computed(() => {
    const isComparable = newest.value.queryKey === queryKey.value && !isStale.value
    return isComparable ? newest.value.rows.filter(({ id }) => id > (events.value[0]?.id ?? 0)).length : 0
  })

  for (const table of ['tickets', 'ticket_replies', 'ticket_events'] as const) onTable(table, count)
  onResync(count)
  onTable('tickets', ({ operation, record }) => {
    if (operation === 'DELETE')
      events.value = events.value.map(event => (event.ticket_id === record.id ? { ...event, is_ticket_deleted: true } : event))
  })

  /** The URL of the filtered log as CSV. */
  const csvPath = computed(() => `/api/teams/${teamId.value}/export/audit.csv?${queryString(auditRequest(filter.value))}`)

  function narrow(patch: Partial<AuditFilter>): void {
    void router.replace({ query: auditAddress({ ...filter.value, ...patch }) })
  }

  /** The number of new entries as text; beyond one page it is not known exactly. */
  const arrived = computed(() => (arrivedCount.value === pageSize ? `${pageSize} or more` : String(arrivedCount.value || '')))

  return {
    filter,
    narrow,
    events,
    isLoaded,
    isLoadingMore,
    hasMore,
    more,
    arrived,
    csvPath,
    error,
    refresh,
    isStale: computed(() => isLoading.value && isStale.value),
    show: refresh
  }
}
