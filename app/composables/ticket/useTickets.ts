import type { Page, TicketRow } from '#shared/types/api'
import type { RealtimeChange } from '#shared/types/realtime'
import type { TicketListState } from '~/utils/ticket/ticket-list'
import type { TicketListQuery } from '~/utils/ticket/ticket-query'

/**
 * The page of tickets for `query`, live: rows are updated in place, and new tickets wait until `show`. `openNumber` is the open
 * ticket, whose changes count as seen.
 */
export function useTickets(query: Ref<TicketListQuery>, openNumber: Ref<number | null>) {
  const { team, teamId, profile } = useTeam()
  const { onResync } = useRealtime()
  const state = shallowRef<TicketListState<TicketRow>>(loadedList<TicketRow>([], 0))
  const isLoaded = ref(false)
  const deleted = new Set<string>()
  const created = new Map<string, TicketRow>()
  const expected = new Set<string>()
  let shownFor: TicketListQuery | null = null
  let resyncs = 0
  let answeredResyncs = 0

  const rules = computed(() => listRules(query.value, profile.value?.id ?? '', team.value?.time_zone))

  // Not `useLive`: rows that wait or have departed outlive a query, so responses are merged into the list.
  const { error, isLoading, refresh, refetch } = useResource(async signal => {
    const requestedQuery = query.value
    const resyncsBefore = resyncs
    created.clear()
    const page = await $fetch<Page<TicketRow>>(`/api/teams/${teamId.value}/tickets`, { query: apiQuery(requestedQuery), signal })
    const since = { deleted, created, rules: rules.value, hasMissed: resyncsBefore > answeredResyncs }
    state.value =
      shownFor === requestedQuery
        ? mergeTickets(state.value, page.data, page.total, since)
        : replaceTickets(state.value.rows, page.data, page.total, since)
    shownFor = requestedQuery
    answeredResyncs = resyncsBefore
    isLoaded.value = true
  })

  watch(teamId, () => {
    state.value = loadedList<TicketRow>([], 0)
    isLoaded.value = false
    deleted.clear()
    created.clear()
    shownFor = null
  })
  watch(
    [teamId, query],
    () => {
      if (teamId.value) void refresh()
    },
    { immediate: true }
  )

  onResync(() => {
    resyncs++
    refetch()
  })
  useRealtimeTickets(state, { rules, isExpected: id => expected.delete(id), onStale: refetch, onChange: remember })

  watch([openNumber, state], () => {
    const open = state.value.rows.find(row => row.ticket_number === openNumber.value)
    if (open) markRowSeen(open.id)
  })

  function remember({ operation, record }: RealtimeChange<'tickets'>): void {
    if (operation === 'DELETE') deleted.add(record.id)
    else if (operation === 'INSERT' || created.has(record.id)) created.set(record.id, record)
  }

  /** Reloads the list: new tickets appear, and tickets that no longer match disappear. */
  async function show(): Promise<void> {
    shownFor = null
    expected.clear()
    await refresh()
  }

  /** Treats the next change of each of these tickets as an own change. Returns a function that cancels this. */
  function expectOwnChanges(ids: string[]): () => void {
    for (const id of ids) expected.add(id)
    return () => {
      for (const id of ids) expected.delete(id)
    }
  }

  function markRowSeen(id: string): void {
    state.value = markSeen(state.value, id)
  }

  return {
    tickets: computed(() => state.value.rows),
    total: computed(() => state.value.total),
    arrivedCount: computed(() => state.value.arrived.size),
    departed: computed(() => state.value.departed),
    changed: computed(() => state.value.changed),
    isLoaded,
    isLoading,
    error,
    refresh,
    show,
    markRowSeen,
    expectOwnChanges
  }
}
