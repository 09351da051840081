import type { TicketRow } from '#shared/types/api'
import type { Command, CommandScope } from '~/utils/command/command'
import type { CopyPress } from '~/utils/ticket/ticket-copy'

let last: CopyPress | null = null
let series = 0

/** Copies the number of a ticket; a second quick press adds its title, a third its URL. */
export function useTicketCopy() {
  const toast = useToast()
  const { copy } = useClipboard({ legacy: true })

  function copyTicket(ticket: TicketRow): void {
    last = copyPress(last, ticket.id, Date.now())
    const { text, message } = buildTicketCopy(ticket, last.count, window.location.origin)
    void copy(text)
    // A new series gets a new toast, because the previous one would soon disappear.
    if (last.count === 1) toast.remove(`copied-${series++}`)
    toast.add({ id: `copied-${series}`, title: message, icon: 'i-lucide-check', color: 'success' })
  }

  /** The copy shortcuts. Only the first runs code and counts presses; the others are listed in the shortcut help. */
  function copyCommands(scope: CommandScope, when: () => boolean, run: () => void): Command[] {
    const named = { group: 'context', scope, when } as const
    return [
      {
        ...named,
        id: `${scope}.copy-number`,
        label: 'Copy number',
        icon: 'i-lucide-link',
        shortcut: '.',
        isOnce: true,
        isKeyOnly: scope === 'list',
        run
      },
      { ...named, id: `${scope}.copy-title`, label: 'Copy number and title', shortcut: '.-.' },
      { ...named, id: `${scope}.copy-address`, label: 'Copy number, title and address', shortcut: '.-.-.' }
    ]
  }

  return { copyTicket, copyCommands }
}
