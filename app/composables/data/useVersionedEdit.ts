import type { Ticket, TicketRow } from '#shared/types/api'
import type { TicketPatch } from '../ticket/useTicketActions'

/** The text and version of the ticket at the start of the edit. */
export interface EditBase {
  base: string
  version: number
  ticket_number: number
}

export type EditableTicket = TicketRow & { description?: string }

/**
 * Saves a text of a ticket with optimistic locking: the request carries the version at the start of the edit. If only other columns
 * changed since, it saves again with the new version. If the text changed, `conflict` holds the current text, and the next `save`
 * overwrites it.
 */
export function useVersionedEdit(
  ticket: () => EditableTicket,
  column: 'subject' | 'description',
  update: (ticket: TicketRow, patch: TicketPatch) => Promise<Ticket>
) {
  const pending = ref(false)
  const problem = ref('')
  const conflict = ref<string | null>(null)
  let base = ''
  let version = 0

  /** The base for a new edit. */
  function current(): EditBase {
    return { base: ticket()[column] ?? '', version: ticket().version, ticket_number: ticket().ticket_number }
  }

  function begin(from: EditBase = current()): void {
    base = from.base
    version = from.version
    problem.value = ''
    conflict.value = null
  }

  /** Returns whether it was saved; if not, `problem` holds the reason. The typed text is kept. */
  async function save(text: string): Promise<boolean> {
    pending.value = true
    problem.value = ''
    try {
      await update(ticket(), { [column]: text, version })
      return true
    } catch (error) {
      const current = currentTicket(error)
      if (!current) {
        problem.value = messageOf(error)
        return false
      }
      if (current[column] === text) return true // an earlier attempt was saved, but its response was lost
      version = current.version
      if (current[column] === base) return await save(text)
      base = current[column]
      conflict.value = current[column]
      problem.value = 'Somebody changed this in the meantime. What you typed is kept.'
      return false
    } finally {
      pending.value = false
    }
  }

  return { current, begin, save, pending, problem, conflict }
}

function currentTicket(error: unknown): Ticket | null {
  return statusOf(error) === 412 ? ((apiErrorOf(error)?.data.current as Ticket) ?? null) : null
}
