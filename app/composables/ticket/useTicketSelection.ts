import type { TicketRow } from '#shared/types/api'
import type { BulkSelection } from '~/utils/ticket/bulk'
import type { TicketListQuery } from '~/utils/ticket/ticket-query'

/**
 * The selected tickets of a list: some, or all that match its filter. The selection survives changes of the list and paging; a
 * change of the filter clears it.
 */
export function useTicketSelection(tickets: Ref<TicketRow[]>, total: Ref<number>, query: Ref<TicketListQuery>) {
  const { onTable } = useRealtime()
  const ids = shallowRef<ReadonlySet<string>>(new Set())
  const isWhole = ref(false)
  let anchor: string | null = null

  const count = computed(() => (isWhole.value ? total.value : ids.value.size))
  const isPageSelected = computed(() => tickets.value.length > 0 && tickets.value.every(({ id }) => isSelected(id)))
  /** The total, if selecting all matching tickets should be offered: the page is selected and there are more. Otherwise null. */
  const offered = computed(() => (isPageSelected.value && total.value > tickets.value.length ? total.value : null))
  const selection = computed<BulkSelection>(() =>
    isWhole.value ? { filter: filterOf(query.value), total: total.value } : { ids: [...ids.value] }
  )

  watch(() => JSON.stringify(filterOf(query.value)), clear)
  // A deleted ticket in the selection would make bulk operations fail for all of them.
  onTable('tickets', ({ operation, record }) => {
    if (operation === 'DELETE' && ids.value.has(record.id)) ids.value = new Set([...ids.value].filter(id => id !== record.id))
  })

  function isSelected(id: string): boolean {
    return isWhole.value || ids.value.has(id)
  }

  function toggle(id: string): void {
    if (!isSelected(id) && !tickets.value.some(row => row.id === id)) return
    const others = selectedIds().filter(other => other !== id)
    choose(isSelected(id) ? others : [...others, id])
    anchor = id
  }

  /** Selects the range from the last selected row to this one. */
  function extendTo(id: string): void {
    const places = [anchor ?? id, id].map(end => tickets.value.findIndex(row => row.id === end)).sort((a, b) => a - b)
    if (places[0]! < 0) return toggle(id)
    anchor ??= id
    choose([...selectedIds(), ...tickets.value.slice(places[0], places[1]! + 1).map(row => row.id)])
  }

  function togglePage(): void {
    const page = new Set(tickets.value.map(({ id }) => id))
    choose(isPageSelected.value ? (isWhole.value ? [] : selectedIds().filter(id => !page.has(id))) : [...selectedIds(), ...page])
  }

  function selectWhole(): void {
    isWhole.value = true
  }

  /** Selects the page; if it is already selected, all matching tickets. */
  function selectAll(): void {
    if (offered.value !== null) selectWhole()
    else if (!isPageSelected.value) togglePage()
  }

  function clear(): void {
    choose([])
    anchor = null
  }

  function selectedIds(): string[] {
    return isWhole.value ? tickets.value.map(({ id }) => id) : [...ids.value]
  }

  function choose(chosen: string[]): void {
    ids.value = new Set(chosen)
    isWhole.value = false
  }

  return {
    selection,
    count,
    isWhole: readonly(isWhole),
    isPageSelected,
    offered,
    isSelected,
    toggle,
    extendTo,
    togglePage,
    selectWhole,
    selectAll,
    clear
  }
}

function filterOf({ sort: _, order: __, page: ___, page_size: ____, ...filter }: TicketListQuery) {
  return filter
}
