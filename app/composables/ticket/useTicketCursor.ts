import type { TicketRow } from '#shared/types/api'

/** The row that shortcuts act on. It follows its ticket; if the ticket leaves the list, it stays at the same place. */
export function useTicketCursor(tickets: Ref<TicketRow[]>) {
  const id = ref<string | null>(null)
  const ticket = computed(() => tickets.value.find(row => row.id === id.value))
  let place = 0

  watch([tickets, id], () => {
    const index = tickets.value.findIndex(row => row.id === id.value)
    if (index >= 0) place = index
    else if (id.value !== null) id.value = tickets.value[Math.min(place, tickets.value.length - 1)]?.id ?? null
  })

  /** Moves the cursor by some rows and returns the new row. */
  function move(by: number): TicketRow | undefined {
    const index = tickets.value.findIndex(row => row.id === id.value)
    const row = tickets.value[index < 0 ? 0 : Math.max(0, Math.min(tickets.value.length - 1, index + by))]
    if (row) id.value = row.id
    return row
  }

  return { id, ticket, move }
}
