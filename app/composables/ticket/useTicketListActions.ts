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
  /** What the menu of a property is placed beside: its button in the bar, or the row of `ticket`. Null while that is not on the page. */
  anchorOf(property: TicketProperty, ticket: TicketRow | undefined): HTMLElement | null
  /** The next change of these tickets is mine; answers a function that takes this back. */
  expect(ids: string[]): () => void
  show(): Promise<void>
}

/** What a menu or a key does in a list of tickets: to those selected, otherwise to the one under the cursor. */
export function useTicketListActions({ tickets, selection, cursor, anchorOf, expect, show }: TicketListActionsOptions) {
  const { can } = usePermissions()
  const bulk = useBulk()
  const confirm = useConfirm()
  const pickMoment = useSnoozePicker()
  const typeahead = useTypeahead()
  const property = ref<TicketProperty | null>(null)
  const anchor = shallowRef<HTMLElement | null>(null)

  /** The ticket under the cursor, where none is selected. */
  const target = computed<TicketRow | undefined>(() => (selection.count.value > 0 ? undefined : cursor.value))
  const subject = computed(() =>
    target.value ? ticketNumber(target.value.ticket_number) : plural(selection.count.value, '1 ticket', '# tickets')
  )

  /** Opens the menu of a property, if there is a ticket to change and the role allows it. */
  function pick(chosen: TicketProperty, beside: HTMLElement | null = anchorOf(chosen, target.value)): void {
    if (!can(propertyDisplay[chosen].permission) || (!target.value && selection.count.value === 0)) return
    anchor.value = beside
    typeahead.start(() => property.value !== null)
    property.value = chosen
  }

  // The bar appears a moment after the first selection: a menu that was asked for earlier waits for its place.
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
    const until = await pickMoment(subject.value)
    if (until) await run('snooze', until)
  }

  async function askToDelete(): Promise<void> {
    const words = plural(selection.count.value, '1 ticket', '# tickets')
    const isSure = await confirm({
      title: `Delete ${words}?`,
      description: 'They and their conversations will be gone for everybody. This cannot be undone.',
      action: `Delete ${words}`
    })
    if (!isSure || !(await run('delete', null))) return
    selection.clear()
    await show()
  }

  async function run(action: BulkAction, value: BulkValues[BulkAction]): Promise<boolean> {
    const tickets: BulkSelection = target.value ? { ids: [target.value.id] } : selection.selection.value
    const forget = 'ids' in tickets ? expect(tickets.ids) : undefined
    const answer = await bulk.run(action, value, tickets)
    if (!answer || (answer.status === 'done' && answer.updated === 0)) forget?.()
    // The change may have moved tickets out of the filter that was selected as a whole.
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
    /** The statuses on offer. */
    statuses: computed(() =>
      target.value ? statusChoices(target.value.status, can) : ticketStatuses.filter(status => status !== 'closed' || can('tickets.close'))
    ),
    tags: computed(() => [...new Set(tickets.value.flatMap(ticket => ticket.tags))].sort(compareTexts))
  }
}
