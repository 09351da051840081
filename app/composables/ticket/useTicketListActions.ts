import type { BulkAction, BulkValues } from '#shared/bulk'
import { ticketStatuses } from '#shared/ticket'
import type { TicketRow } from '#shared/types/api'
import { compareTexts } from '#shared/utils/collation'
import type { BulkSelection } from '~/utils/ticket/bulk'
import type { TicketProperty } from '~/utils/ticket/ticket-actions'

export interface TicketListActionsOptions {
  tickets: Ref<TicketRow[]>
  selection: { selection: Ref<BulkSelection>; count: Ref<number>; isWhole: Readonly<Ref<boolean>>; clear(): void }
  cursor: Ref<TicketRow | undefined>
  /** The anchor of a property menu: its button in the bulk bar, or the row of `ticket`. Null while it is not rendered. */
  anchorOf(property: TicketProperty, ticket: TicketRow | undefined): HTMLElement | null
  /** Treats the next change of these tickets as an own change; returns a function that cancels this. */
  expectOwnChanges(ids: string[]): () => void
  show(): Promise<void>
}

/** The actions of menus and shortcuts in a ticket list. They apply to the selected tickets, otherwise to the one under the cursor. */
export function useTicketListActions({ tickets, selection, cursor, anchorOf, expectOwnChanges, show }: TicketListActionsOptions) {
  const { can } = usePermissions()
  const bulk = useBulk()
  const confirm = useConfirm()
  const pickSnoozeTime = useSnoozePicker()
  const typeahead = useTypeahead()
  const property = ref<TicketProperty | null>(null)
  const anchor = shallowRef<HTMLElement | null>(null)

  /** The ticket under the cursor, if no ticket is selected. */
  const target = computed<TicketRow | undefined>(() => (selection.count.value > 0 ? undefined : cursor.value))
  const subject = computed(() =>
    target.value ? ticketNumber(target.value.ticket_number) : plural(selection.count.value, '1 ticket', '# tickets')
  )

  /** Opens the menu of a property, if there is a ticket to change and the person may change it. */
  function pick(chosen: TicketProperty, beside: HTMLElement | null = anchorOf(chosen, target.value)): void {
    if (!can(propertyDisplay[chosen].permission) || (!target.value && selection.count.value === 0)) return
    anchor.value = beside
    typeahead.start(() => property.value !== null)
    property.value = chosen
  }

  // The bulk bar renders shortly after the first selection; a menu requested earlier waits for its anchor.
  watch(
    () => (property.value !== null && anchor.value === null ? anchorOf(property.value, target.value) : null),
    found => {
      if (found) anchor.value = found
    },
    { flush: 'post' }
  )

  async function choose(chosen: TicketProperty, value: BulkValues[BulkAction]): Promise<void> {
    await run(propertyDisplay[chosen].action, value)
  }

  async function snoozeUntil(): Promise<void> {
    const until = await pickSnoozeTime(subject.value)
    if (until) await run('snooze', until)
  }

  async function askToDelete(): Promise<void> {
    const words = plural(selection.count.value, '1 ticket', '# tickets')
    const isSure = await confirm({
      title: `Delete ${words}?`,
      description: 'The tickets and their conversations will be deleted for everybody. This cannot be undone.',
      action: `Delete ${words}`
    })
    if (!isSure || !(await run('delete', null))) return
    selection.clear()
    await show()
  }

  async function run(action: BulkAction, value: BulkValues[BulkAction]): Promise<boolean> {
    const tickets: BulkSelection = target.value ? { ids: [target.value.id] } : selection.selection.value
    const cancelExpectation = 'ids' in tickets ? expectOwnChanges(tickets.ids) : undefined
    const answer = await bulk.run(action, value, tickets)
    if (!answer || (answer.status === 'done' && answer.updated === 0)) cancelExpectation?.()
    // After the change, some tickets may no longer match the filter that was selected.
    if (answer && !('ids' in tickets)) selection.clear()
    return answer !== undefined
  }

  return {
    property,
    anchor,
    subject,
    pick,
    choose,
    snoozeUntil,
    askToDelete,
    closeMenu: () => {
      property.value = null
    },
    undo: bulk.undoLast,
    pending: bulk.pending,
    progress: bulk.progress,
    isSnoozed: computed(() => {
      const selected = selection.selection.value
      if (target.value) return target.value.snoozed_until !== null
      return !('ids' in selected) || tickets.value.some(({ id, snoozed_until }) => snoozed_until !== null && selected.ids.includes(id))
    }),
    /** The options of the status menu. */
    statuses: computed(() =>
      target.value ? statusChoices(target.value.status, can) : ticketStatuses.filter(status => status !== 'closed' || can('tickets.close'))
    ),
    tags: computed(() => [...new Set(tickets.value.flatMap(ticket => ticket.tags))].sort(compareTexts))
  }
}
