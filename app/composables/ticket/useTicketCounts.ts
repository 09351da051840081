import type { TicketCounts } from '#shared/types/api'
import type { TicketListQuery } from '~/utils/ticket/ticket-query'

/** How many tickets stand in each status, within what narrows the list otherwise; live, at most two requests a second. */
export function useTicketCounts(query: Ref<TicketListQuery>) {
  const { teamId } = useTeam()
  const { onTable, onResync } = useRealtime()
  const counts = shallowRef<TicketCounts | null>(null)
  const asked = computed(() => JSON.stringify(countsQuery(query.value)))

  const { refresh, refetch } = useResource(async signal => {
    counts.value = await $fetch<TicketCounts>(`/api/teams/${teamId.value}/tickets/counts`, { query: countsQuery(query.value), signal })
  })

  watch(teamId, () => {
    counts.value = null
  })
  watch(
    [teamId, asked],
    () => {
      if (teamId.value) void refresh()
    },
    { immediate: true }
  )
  onTable('tickets', refetch)
  onResync(refetch)

  return { counts }
}
