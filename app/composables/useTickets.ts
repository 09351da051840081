import type { Page, TicketRow } from '#shared/types/api'
import type { TicketListQuery } from '~/utils/ticket-query'

/** The page of the team's tickets that `query` asks for, kept in step with everybody's changes. */
export function useTickets(query: Ref<TicketListQuery>) {
  const { team, teamId, profile } = useTeam()
  const { onResync } = useRealtime()
  const tickets = shallowRef<TicketRow[]>([])
  const total = ref(0)
  const isLoaded = ref(false)
  const deleted = new Set<string>()

  const { error, isLoading, refresh, refetch } = useResource(async (signal) => {
    const page = await $fetch<Page<TicketRow>>(`/api/teams/${teamId.value}/tickets`, { query: apiQuery(query.value), signal })
    tickets.value = reconcileTickets(tickets.value, page.data, deleted)
    total.value = page.total
    isLoaded.value = true
  })

  watch(teamId, () => {
    tickets.value = []
    total.value = 0
    isLoaded.value = false
    deleted.clear()
  })
  watch([teamId, query], () => {
    if (teamId.value) void refresh()
  }, { immediate: true })

  onResync(refetch)
  useRealtimeTickets(tickets, {
    total,
    rules: () => listRules(query.value, profile.value?.id ?? '', team.value?.time_zone),
    onStale: refetch,
    onDelete: id => deleted.add(id)
  })

  return { tickets, total, isLoaded, isLoading, error, refresh }
}
