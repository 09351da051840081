import type { Participant } from '#shared/types/api'

/** The contacts besides the requester who take part in a ticket, live. */
export function useTicketParticipants(ticketId: () => string) {
  const {
    data: participants,
    url,
    isLoaded,
    error,
    refresh
  } = useLive<Participant[]>(() => `tickets/${ticketId()}/participants`, {
    empty: () => [],
    tables: { ticket_participants: ({ record }) => record.ticket_id === ticketId(), contacts: true }
  })

  /** Adds the contact with this address, or a new one. */
  async function add(email: string): Promise<Participant> {
    const added = await $fetch<Participant>(url.value, { method: 'POST', body: { email } })
    await refresh()
    return added
  }

  async function setHistory({ contact_id }: Participant, can_read_history: boolean): Promise<void> {
    await $fetch(`${url.value}/${contact_id}`, { method: 'PATCH', body: { can_read_history } })
    await refresh()
  }

  async function remove({ contact_id }: Participant): Promise<void> {
    await $fetch(`${url.value}/${contact_id}`, { method: 'DELETE' })
    await refresh()
  }

  return { participants, isLoaded, error, refresh, add, setHistory, remove }
}
