import type { CursorPage } from '#shared/types/api'
import type { TicketEvent } from '#shared/schemas/event'
import type { AuditFilter } from '~/utils/audit/audit'

const pageSize = 50

/** The audit log, newest first, filtered as the address bar says. New entries are counted, and wait until `show`. */
export function useAudit() {
  const route = useRoute()
  const router = useRouter()
  const { teamId } = useTeam()
  const { onTable, onResync } = useRealtime()
  const filter = computed(() => parseAuditFilter(route.query))

  const {
    rows: events,
    url,
    question,
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

  // The first page again, to be counted: only the server knows which events pass the filter.
  const newest = shallowRef<{ question: string; rows: TicketEvent[] }>({ question: '', rows: [] })
  const { refetch: count } = useResource(
    async signal => {
      const asked = question.value
      const query = { ...auditRequest(filter.value), page_size: pageSize, cursor: '' }
      const { data } = await $fetch<CursorPage<TicketEvent>>(url.value, { query, signal })
      newest.value = { question: asked, rows: data }
    },
    { interval: 1_000, isWanted: () => isLoaded.value }
  )
  const arrivedCount = computed(() => {
    const isComparable = newest.value.question === question.value && !isStale.value
    return isComparable ? newest.value.rows.filter(({ id }) => id > (events.value[0]?.id ?? 0)).length : 0
  })

  for (const table of ['tickets', 'ticket_replies', 'ticket_events'] as const) onTable(table, count)
  onResync(count)
  onTable('tickets', ({ operation, record }) => {
    if (operation === 'DELETE')
      events.value = events.value.map(event => (event.ticket_id === record.id ? { ...event, is_ticket_deleted: true } : event))
  })

  /** The address of the filtered log as CSV. */
  const csvPath = computed(() => `/api/teams/${teamId.value}/export/audit.csv?${queryString(auditRequest(filter.value))}`)

  function narrow(patch: Partial<AuditFilter>): void {
    void router.replace({ query: auditAddress({ ...filter.value, ...patch }) })
  }

  /** How many entries are new, in words; beyond a page the number is not known. */
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
