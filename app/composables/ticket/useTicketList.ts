import type { InjectionKey } from 'vue'
import type { TicketStatus } from '#shared/schemas/ticket'
import type { TicketRow } from '#shared/types/api'

export type TicketList = ReturnType<typeof createTicketList>

const key: InjectionKey<TicketList> = Symbol('ticket list')

/** Provides the ticket list of the URL, with selection, cursor and actions, to all components below the page. */
export function provideTicketList(): TicketList {
  const list = createTicketList()
  provide(key, list)
  return list
}

/** The ticket list of the page. Throws outside of such a page. */
export function useTicketList(): TicketList {
  const list = inject(key)
  if (!list) throw new Error('useTicketList() needs provideTicketList() in a page above')
  return list
}

function createTicketList() {
  const { members } = useMembers()
  const { categories, types, items } = useCategories()
  const { can } = usePermissions()
  const { update, isPending } = useTicketActions()
  const { hasDraft } = useReplyDrafts()
  const address = useTicketListRoute()
  const { query, openNumber } = address
  const rows = useTickets(query, openNumber)
  const { tickets, total, departed, expectOwnChanges, show, markRowSeen } = rows
  // Deleted tickets stay visible, but nothing can be done with them.
  const existing = computed(() => tickets.value.filter(({ id }) => departed.value.get(id) !== 'deleted'))
  const selection = useTicketSelection(existing, total, query)
  const cursor = useTicketCursor(tickets)
  const bulkBar = shallowRef<HTMLElement | null>(null)
  const actions = useTicketListActions({
    tickets,
    selection,
    cursor: cursor.ticket,
    expectOwnChanges,
    show,
    anchorOf: (property, ticket) =>
      ticket ? rowOf(ticket.id) : (bulkBar.value?.querySelector<HTMLElement>(`[data-property="${property}"]`) ?? null)
  })
  const { run: changeStatus } = useAction((ticket: TicketRow, status: TicketStatus) => update(ticket, { status }), {
    failure: 'The status was not changed'
  })

  // Kept while the page lives; the peek is shown only on wide screens.
  const wantsPeek = ref(false)
  const mayPeek = useMediaQuery('(min-width: 1024px)')
  const isPeeking = computed(() => wantsPeek.value && mayPeek.value)

  // The cursor moves to the open ticket and stays there when it closes.
  watch([openNumber, tickets], ([number]) => {
    const ticket = number === null ? undefined : tickets.value.find(row => row.ticket_number === number)
    if (ticket) cursor.id.value = ticket.id
  })

  function moveCursor(by: number, isExtending: boolean): void {
    if (isExtending && cursor.id.value) selection.extendTo(cursor.id.value)
    const ticket = cursor.move(by)
    if (!ticket) return
    if (isExtending) selection.extendTo(ticket.id)
    markRowSeen(ticket.id)
    rowOf(ticket.id)?.focus()
  }

  /** Opens or closes the peek panel for the row under the cursor. */
  function togglePeek(): void {
    const wasInside = document.activeElement?.closest('[data-commands="peek"]')
    wantsPeek.value = !isPeeking.value
    if (wantsPeek.value || wasInside) moveCursor(0, false)
  }

  return {
    ...address,
    ...rows,
    selection,
    cursor,
    moveCursor,
    rowOf,
    actions,
    bulkBar,
    changeStatus,
    isPending,
    hasDraft,
    mayPeek,
    isPeeking,
    togglePeek,
    activeView: useActiveView(query),
    names: computed(() => ({ members: members.value, categories: categories.value, types: types.value, items: items.value })),
    isSelectable: computed(() => can('tickets.update'))
  }
}

/** The element of a ticket that gets the focus and anchors menus: the row of the table, or the button of the card. */
function rowOf(id: string): HTMLElement | null {
  const mark = document.querySelector<HTMLElement>(`[data-ticket-id="${id}"]`)
  return mark?.closest('tr') ?? mark
}
