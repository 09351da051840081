import type { Ticket, TicketRow } from '#shared/types/api'

/** The ticket with that number, live. `row` is what a list already knows of it: shown until the whole has come. */
export function useTicket(number: Ref<number | null>, row: (number: number) => TicketRow | undefined = () => undefined) {
  const { teamId } = useTeam()
  const { onTable, onResync } = useRealtime()
  const { onLocalChange } = useTicketActions()
  const ticket = shallowRef<(TicketRow & { description?: string }) | null>(null)
  const isDeleted = ref(false)

  const { error, isLoading, refresh, refetch } = useResource(
    async signal => {
      const fetched = await $fetch<Ticket>(`/api/teams/${teamId.value}/tickets/${number.value}`, { signal })
      const known = ticket.value?.id === fetched.id ? ticket.value : null
      ticket.value = known && known.version > fetched.version ? { ...fetched, ...known, description: fetched.description } : fetched
    },
    { isWanted: () => number.value !== null && Boolean(teamId.value) }
  )

  watch(
    [teamId, number],
    () => {
      ticket.value = number.value === null ? null : (row(number.value) ?? null)
      isDeleted.value = false
      void refresh()
    },
    { immediate: true }
  )

  onResync(() => {
    if (!isDeleted.value) refetch()
  })
  onTable('tickets', apply)
  onLocalChange(apply)

  function apply({ operation, record, changed }: Parameters<Parameters<typeof onLocalChange>[0]>[0]): void {
    if (record.id !== ticket.value?.id) return
    if (operation === 'DELETE') {
      isDeleted.value = true
      return
    }
    if (record.version < ticket.value.version) return
    ticket.value = { ...ticket.value, ...record }
    if (changed?.includes('description')) refetch()
  }

  return { ticket, isDeleted, isLoading, error, refresh }
}
