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
  /** Where the menu of a property stands: beside its button, or beside the row. */
  anchorOf(property: TicketProperty, ticket: TicketRow | undefined): HTMLElement | null
  /** What is heard next of these tickets is my own doing; answers what takes that back. */
  expect(ids: string[]): () => void
  show(): Promise<void>
}

/** What is done from a list of tickets, by menu or by key: to those selected, or else to the one under the cursor. */
export function useTicketListActions({ tickets, selection, cursor, anchorOf, expect, show }: TicketListActionsOptions) {
  const { can } = usePermissions()
  const bulk = useBulk()
  const confirm = useConfirm()
  const pickMoment = useSnoozePicker()
  const typeahead = useTypeahead()
  const property = ref<TicketProperty | null>(null)
  const anchor = shallowRef<HTMLElement | null>(null)

  const meant = computed<TicketRow | undefined>(() => (selection.count.value > 0 ? undefined : cursor.value))
  const subject = computed(() =>
    meant.value ? ticketNumber(meant.value.ticket_number) : plural(selection.count.value, '1 ticket', '# tickets')
  )

  /** Opens the menu of a property, where there is something that it acts on and the role allows it. */
  function pick(chosen: TicketProperty, beside: HTMLElement | null = anchorOf(chosen, meant.value)): void {
    if (!can(propertyLooks[chosen].permission) || (!meant.value && selection.count.value === 0)) return
    anchor.value = beside
    typeahead.start(() => property.value !== null)
    property.value = chosen
  }

  // Who selects and goes on at once is ahead of the bar beside which the menu stands.
  watch(
    () => (property.value !== null && anchor.value === null ? anchorOf(property.value, meant.value) : null),
    found => {
      if (found) anchor.value = found
    },
    { flush: 'post' }
  )

  async function choose(chosen: TicketProperty, value: BulkValues[BulkAction]): Promise<void> {
    await run(propertyLooks[chosen].action, value)
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
    const target: BulkSelection = meant.value ? { ids: [meant.value.id] } : selection.selection.value
    const forget = 'ids' in target ? expect(target.ids) : undefined
    const answer = await bulk.run(action, value, target)
    if (!answer || (answer.status === 'done' && answer.updated === 0)) forget?.()
    // What all the filter found may be found by it no longer.
    if (answer && !('ids' in target)) selection.clear()
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
      const target = selection.selection.value
      if (meant.value) return meant.value.snoozed_until !== null
      return !('ids' in target) || tickets.value.some(({ id, snoozed_until }) => snoozed_until !== null && target.ids.includes(id))
    }),
    /** What the status can be set to. */
    statuses: computed(() =>
      meant.value ? statusChoices(meant.value.status, can) : ticketStatuses.filter(status => status !== 'closed' || can('tickets.close'))
    ),
    tags: computed(() => [...new Set(tickets.value.flatMap(ticket => ticket.tags))].sort(compareTexts))
  }
}
