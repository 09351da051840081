import type { Ref } from 'vue'
import type { TicketCreate, TicketUpdate } from '#shared/schemas/ticket'
import type { Person, Ticket, TicketRow } from '#shared/types/api'
import type { RealtimeChange } from '#shared/types/realtime'

export type TicketPatch = Omit<TicketUpdate, 'add_tags' | 'remove_tags'>

// Lists and the open ticket show own changes at once, before they are broadcast.
const localChanges = createEventHook<RealtimeChange<'tickets'>>()
const pending = ref(new Map<string, number>())

/** The operations on a ticket. Changes are optimistic and reverted if the server rejects them. */
export function useTicketActions() {
  const { teamId } = useTeam()

  const url = (ticket: Pick<TicketRow, 'id'>) => `/api/teams/${teamId.value}/tickets/${ticket.id}`

  function onLocalChange(handler: (change: RealtimeChange<'tickets'>) => void): void {
    const { off } = localChanges.on(handler)
    tryOnScopeDispose(off)
  }

  function isPending(id: string): boolean {
    return pending.value.has(id)
  }

  async function create(body: TicketCreate): Promise<Ticket> {
    const ticket = await $fetch<Ticket>(`/api/teams/${teamId.value}/tickets`, { method: 'POST', body })
    show('INSERT', ticket)
    return ticket
  }

  /** `assignee` is the person with the id `patch.assigned_to`, to show before the server responds. */
  async function update(ticket: TicketRow, patch: TicketPatch, assignee?: Person | null): Promise<Ticket> {
    return change(ticket, toRowChanges(patch, assignee), () =>
      $fetch<Ticket>(url(ticket), { method: 'PATCH', body: toUpdate(patch, ticket) })
    )
  }

  async function claim(ticket: TicketRow): Promise<Ticket> {
    return change(ticket, {}, () => $fetch<Ticket>(`${url(ticket)}/claim`, { method: 'PUT' }))
  }

  async function release(ticket: TicketRow): Promise<Ticket> {
    return change(ticket, {}, () => $fetch<Ticket>(`${url(ticket)}/claim`, { method: 'DELETE' }))
  }

  async function remove(ticket: TicketRow): Promise<void> {
    await $fetch(url(ticket), { method: 'DELETE' })
    show('DELETE', ticket)
  }

  return { onLocalChange, isPending, create, update, claim, release, remove }
}

async function change(before: TicketRow, expected: Partial<TicketRow>, request: () => Promise<Ticket>): Promise<Ticket> {
  const row = shownRow(before)
  const next = Object.keys(expected).length ? { ...before, ...expected } : before
  count(before.id, 1)
  try {
    const ticket = await optimistic(row, next, request)
    row.value = ticket
    return ticket
  } finally {
    count(before.id, -1)
  }
}

/** A ticket is in several lists and has no ref of its own. Setting this one shows the row in all of them. */
function shownRow(row: TicketRow): Ref<TicketRow> {
  return customRef(() => ({
    get: () => row,
    set: next => {
      if (next !== row) show('UPDATE', next)
      row = next
    }
  }))
}

/** Sends tags as additions and removals, so that tags added by others in the meantime are kept. */
function toUpdate({ tags, ...patch }: TicketPatch, { tags: before }: TicketRow): TicketUpdate {
  return tags
    ? { ...patch, add_tags: tags.filter(tag => !before.includes(tag)), remove_tags: before.filter(tag => !tags.includes(tag)) }
    : patch
}

/** The part of a patch to show before the server responds. */
function toRowChanges({ version, description, ...columns }: TicketPatch, assignee?: Person | null): Partial<TicketRow> {
  return assignee === undefined ? columns : { ...columns, assignee, assignee_name: assignee?.full_name ?? null }
}

function show(operation: RealtimeChange['operation'], record: TicketRow): void {
  void localChanges.trigger({ table: 'tickets', operation, record })
}

function count(id: string, by: number): void {
  const next = (pending.value.get(id) ?? 0) + by
  if (next > 0) pending.value.set(id, next)
  else pending.value.delete(id)
}
