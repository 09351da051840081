import type { TableColumn, TableRow } from '@nuxt/ui'
import type { TicketColumn } from '#shared/preferences'
import type { TicketSort } from '#shared/schemas/ticket'
import type { TicketRow } from '#shared/types/api'

type ColumnId = keyof typeof columnWidths

/** The columns of the ticket table with their titles, which sort the list. `width` is that of all columns, in rem. */
export function useTicketColumns(chosen: () => TicketColumn[]) {
  const { query, narrow, isSelectable, tickets } = useTicketList()

  // Without an SLA policy, and among finished tickets, nothing is due.
  const hasDue = computed(() => tickets.value.some(({ sla_metric }) => sla_metric !== null))
  const ids = computed<ColumnId[]>(() => ['select', 'number', 'subject', ...chosen().filter(id => id !== 'due' || hasDue.value)])
  const columns = computed(() => ids.value.map(column))
  const width = computed(() => ids.value.reduce((sum, id) => sum + columnWidths[id], 0))
  const headers = computed(() =>
    ids.value
      .filter(id => id !== 'select')
      .map(id => ({ id, label: id === 'number' ? 'Number' : id === 'subject' ? 'Subject' : columnLabels[id], order: columnSorts[id] }))
  )

  function column(id: ColumnId): TableColumn<TicketRow> & { id: string } {
    const td =
      id === 'select' ? (cell: { row: TableRow<TicketRow> }) => `border-s-4 ${severityDisplay(cell.row.original.severity).bar}` : undefined
    return {
      id,
      header: id,
      meta: {
        class: { td },
        style: { th: id === 'subject' ? {} : { width: `${id === 'select' && !isSelectable.value ? 0.75 : columnWidths[id]}rem` } }
      }
    }
  }

  function sortIcon(sort: TicketSort): string | undefined {
    if (sort !== query.value.sort) return undefined
    return query.value.order === 'asc' ? 'i-lucide-arrow-up' : 'i-lucide-arrow-down'
  }

  function toggleSort({ sort, first }: { sort: TicketSort; first: 'asc' | 'desc' }): void {
    const opposite = query.value.order === 'asc' ? 'desc' : 'asc'
    narrow({ sort, order: sort === query.value.sort ? opposite : first })
  }

  return { columns, headers, width, sortIcon, toggleSort }
}
