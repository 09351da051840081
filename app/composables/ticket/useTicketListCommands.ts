import type { TicketList } from '~/composables/ticket/useTicketList'
import type { TicketProperty } from '~/utils/ticket/ticket-actions'
import type { Command } from '~/utils/command/command'

type KeyCommand = [id: string, label: string, shortcut: string | string[], run: () => void]

/** Registers the commands of the ticket list, for the selected tickets or the one under the cursor, while no ticket is open. */
export function useTicketListCommands({
  openNumber,
  open,
  selection,
  cursor,
  moveCursor,
  actions,
  mayPeek,
  isPeeking,
  togglePeek
}: TicketList): void {
  const { can } = usePermissions()
  const { copyTicket, copyCommands } = useTicketCopy()
  const { count, toggle, selectAll, clear } = selection

  const isActive = () => openNumber.value === null
  const hasTarget = () => count.value > 0 || cursor.id.value !== null

  const steps: KeyCommand[] = [
    ['next', 'Next row', ['j', 'arrowdown'], () => moveCursor(1, false)],
    ['previous', 'Previous row', ['k', 'arrowup'], () => moveCursor(-1, false)],
    ['open', 'Open the row', 'enter', () => cursor.ticket.value && open(cursor.ticket.value.ticket_number)]
  ]
  const selectionSteps: KeyCommand[] = [
    ['select', 'Select the row', 'x', () => cursor.id.value && toggle(cursor.id.value)],
    ['extend-next', 'Select to the next row', ['shift_j', 'shift_arrowdown'], () => moveCursor(1, true)],
    ['extend-previous', 'Select to the previous row', ['shift_k', 'shift_arrowup'], () => moveCursor(-1, true)],
    ['select-all', 'Select the page, then all that match', 'meta_a', selectAll]
  ]
  const closePeek = 'Close the peek'
  const byKey = ([id, label, shortcut, run]: KeyCommand): Command => ({
    id: `list.${id}`,
    label,
    group: 'context',
    scope: 'list',
    shortcut,
    isKeyOnly: true,
    isOnce: run === selectAll,
    when: isActive,
    run
  })

  useCommands(
    () => [
      ...[...steps, ...(can('tickets.update') ? selectionSteps : [])].map(byKey),
      {
        id: 'list.clear',
        label: 'Clear the selection',
        group: 'context',
        scope: 'list',
        shortcut: 'escape',
        isKeyOnly: true,
        when: () => isActive() && count.value > 0,
        run: clear
      },
      {
        id: 'list.close-peek',
        label: closePeek,
        group: 'context',
        scope: 'list',
        shortcut: 'escape',
        isKeyOnly: true,
        when: () => isActive() && isPeeking.value && count.value === 0,
        run: togglePeek
      },
      {
        id: 'list.peek',
        label: isPeeking.value ? closePeek : 'Peek at the ticket',
        icon: 'i-lucide-eye',
        group: 'context',
        keywords: 'preview look panel',
        scope: 'list',
        shortcut: ' ',
        isOnce: true,
        when: () => isActive() && mayPeek.value,
        run: togglePeek
      },
      ...(Object.keys(propertyDisplay) as TicketProperty[])
        .filter(property => can(propertyDisplay[property].permission))
        .map((property): Command => {
          const { label, icon, key } = propertyDisplay[property]
          return {
            id: `list.${property}`,
            label: `${label}…`,
            icon,
            group: 'context',
            scope: 'list',
            shortcut: key,
            when: () => isActive() && hasTarget(),
            run: () => actions.pick(property)
          }
        }),
      ...copyCommands(
        'list',
        () => isActive() && cursor.ticket.value !== undefined,
        () => cursor.ticket.value && copyTicket(cursor.ticket.value)
      ),
      {
        id: 'list.undo',
        label: 'Undo the last bulk change',
        icon: 'i-lucide-undo-2',
        group: 'context',
        scope: 'list',
        shortcut: 'z',
        when: isActive,
        run: () => void actions.undo()
      }
    ],
    { context: () => (isActive() && count.value > 0 ? actions.subject.value : null) }
  )
}
