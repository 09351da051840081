import type { TicketRow } from '#shared/types/api'
import type { TicketProperty } from '~/utils/ticket/ticket-actions'
import type { Command } from '~/utils/command/command'

interface Verbs {
  /** No ticket is open. */
  isActive: () => boolean
  selected: Ref<number>
  cursor: Ref<TicketRow | undefined>
  /** Something is selected, or a row is under the cursor. */
  hasTarget: () => boolean
  /** What the properties act on, in words. */
  subject: Ref<string>
  move(by: number, isExtending: boolean): void
  open(): void
  toggle(): void
  selectAll(): void
  clear(): void
  pick(property: TicketProperty): void
  undo(): void
  /** Whether there is room for the panel beside the list, and whether it is there. */
  mayPeek: Ref<boolean>
  isPeeking: Ref<boolean>
  togglePeek(): void
  search(): void
}

/** What can be done in the list of tickets, with those selected or the one under the cursor. */
export function useTicketListCommands({
  isActive,
  selected,
  cursor,
  hasTarget,
  subject,
  move,
  open,
  toggle,
  selectAll,
  clear,
  pick,
  undo,
  mayPeek,
  isPeeking,
  togglePeek,
  search
}: Verbs): void {
  const { can } = usePermissions()
  const { copyTicket, copyCommands } = useTicketCopy()

  const steps: [id: string, label: string, shortcut: string | string[], run: () => void][] = [
    ['next', 'Next row', ['j', 'arrowdown'], () => move(1, false)],
    ['previous', 'Previous row', ['k', 'arrowup'], () => move(-1, false)],
    ['open', 'Open the row', 'enter', open]
  ]
  const selecting: typeof steps = [
    ['select', 'Select the row', 'x', toggle],
    ['extend-next', 'Select to the next row', ['shift_j', 'shift_arrowdown'], () => move(1, true)],
    ['extend-previous', 'Select to the previous row', ['shift_k', 'shift_arrowup'], () => move(-1, true)],
    ['select-all', 'Select the page, then all that match', 'meta_a', selectAll]
  ]
  const closePeek = 'Close the peek'
  const byKey = ([id, label, shortcut, run]: (typeof steps)[number]): Command => ({
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
      ...[...steps, ...(can('tickets.update') ? selecting : [])].map(byKey),
      {
        id: 'list.clear',
        label: 'Clear the selection',
        group: 'context',
        scope: 'list',
        shortcut: 'escape',
        isKeyOnly: true,
        when: () => isActive() && selected.value > 0,
        run: clear
      },
      {
        id: 'list.close-peek',
        label: closePeek,
        group: 'context',
        scope: 'list',
        shortcut: 'escape',
        isKeyOnly: true,
        when: () => isActive() && isPeeking.value && selected.value === 0,
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
      ...(Object.keys(propertyLooks) as TicketProperty[])
        .filter(property => can(propertyLooks[property].permission))
        .map((property): Command => {
          const { label, icon, key } = propertyLooks[property]
          return {
            id: `list.${property}`,
            label: `${label}…`,
            icon,
            group: 'context',
            scope: 'list',
            shortcut: key,
            when: () => isActive() && hasTarget(),
            run: () => pick(property)
          }
        }),
      ...copyCommands(
        'list',
        () => isActive() && cursor.value !== undefined,
        () => cursor.value && copyTicket(cursor.value)
      ),
      {
        id: 'list.undo',
        label: 'Undo the last change of many',
        icon: 'i-lucide-undo-2',
        group: 'context',
        scope: 'list',
        shortcut: 'z',
        when: isActive,
        run: undo
      },
      {
        id: 'list.search',
        label: 'Search in this list',
        icon: 'i-lucide-search',
        group: 'navigate',
        keywords: 'find filter',
        shortcut: '/',
        scope: 'list',
        when: isActive,
        run: search
      }
    ],
    { context: () => (isActive() && selected.value > 0 ? subject.value : null) }
  )
}
