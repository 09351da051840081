import type { CursorPage } from '#shared/types/api'
import type { TicketEvent } from '#shared/schemas/event'
import type { AuditFilter } from '~/utils/audit/audit'

const pageSize = 50

/** The team's log, newest first, narrowed as the address bar says. What happens meanwhile is counted, and waits until `show`. */
export function useAudit() {
  const route = useRoute()
  const router = useRouter()
  const { teamId } = useTeam()
  const { onTable, onResync } = useRealtime()
  const events = shallowRef<TicketEvent[]>([])
  const isLoaded = ref(false)
  const cursor = ref<string | null>(null)
  const arrivedCount = ref(0)
  const shownFor = ref('')

  const filter = computed(() => parseAuditFilter(route.query))
  const asked = computed(() => `${teamId.value} ${JSON.stringify(filter.value)}`)

  const { error, isLoading, refresh } = useResource(async signal => {
    const loading = asked.value
    const page = await fetchPage('', signal)
    events.value = page.data
    cursor.value = page.next_cursor
    arrivedCount.value = 0
    shownFor.value = loading
    isLoaded.value = true
  })
  // The first page again, to be counted: the server alone knows what passes the filter.
  const { refetch: count } = useResource(
    async signal => {
      const counted = shownFor.value
      const page = await fetchPage('', signal)
      const newest = events.value[0]?.id ?? 0
      if (counted === asked.value && counted === shownFor.value) arrivedCount.value = page.data.filter(({ id }) => id > newest).length
    },
    { interval: 1_000 }
  )
  // Those of another filter stay until the new ones are there, and say that they are old.
  const isStale = computed(() => isLoading.value && shownFor.value !== asked.value)

  watch(teamId, () => {
    events.value = []
    isLoaded.value = false
  })
  watch(
    asked,
    () => {
      if (teamId.value) void refresh()
    },
    { immediate: true }
  )

  function look(): void {
    if (isLoaded.value) count()
  }
  for (const table of ['tickets', 'ticket_replies', 'ticket_events'] as const) onTable(table, look)
  onResync(look)
  onTable('tickets', ({ operation, record }) => {
    if (operation === 'DELETE')
      events.value = events.value.map(event => (event.ticket_id === record.id ? { ...event, is_ticket_deleted: true } : event))
  })

  const { run: more, pending: isLoadingMore } = useAction(
    async () => {
      const loading = asked.value
      const page = await fetchPage(cursor.value ?? '')
      if (loading !== asked.value) return
      events.value = [...events.value, ...page.data]
      cursor.value = page.next_cursor
    },
    { failure: 'Earlier entries were not loaded' }
  )

  function fetchPage(from: string, signal?: AbortSignal): Promise<CursorPage<TicketEvent>> {
    return $fetch<CursorPage<TicketEvent>>(`/api/teams/${teamId.value}/audit`, {
      query: { ...auditRequest(filter.value), page_size: pageSize, cursor: from },
      signal
    })
  }

  /** Where the log, as it is narrowed, can be had as CSV. */
  const csvPath = computed(() => `/api/teams/${teamId.value}/export/audit.csv?${queryString(auditRequest(filter.value))}`)

  function narrow(patch: Partial<AuditFilter>): void {
    void router.replace({ query: auditAddress({ ...filter.value, ...patch }) })
  }

  /** How many have come since; of more than a page the number is not known. */
  const arrived = computed(() => (arrivedCount.value === pageSize ? `${pageSize} or more` : String(arrivedCount.value || '')))
  const hasMore = computed(() => cursor.value !== null)

  return { filter, narrow, events, isLoaded, isStale, isLoadingMore, hasMore, more, arrived, show: refresh, csvPath, error, refresh }
}
