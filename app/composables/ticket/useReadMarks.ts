import type { ReadMark, TicketRow } from '#shared/types/api'

// Until when a person has read a ticket, by person and ticket, where this page knows it better than the list that it shows.
const marks = reactive(new Map<string, string>())

/** Which tickets I have read. Lists say it of their tickets; a ticket that I open or mark changes at once. */
export function useReadMarks() {
  const { profile, teamId } = useTeam()

  const key = (ticketId: string) => `${profile.value?.id} ${ticketId}`

  /** A broadcast ticket has no mark: until it is opened, what a client wrote in it is new. */
  function isUnread(ticket: TicketRow & { read_at?: string | null }): boolean {
    return hasNewMessage(ticket, profile.value?.id, marks.get(key(ticket.id)) ?? ticket.read_at)
  }

  async function mark(ticketId: string, method: 'PUT' | 'DELETE'): Promise<void> {
    const { read_at } = await $fetch<ReadMark>(`/api/teams/${teamId.value}/tickets/${ticketId}/read`, { method })
    marks.set(key(ticketId), read_at)
  }

  return {
    isUnread,
    markRead: (ticketId: string) => mark(ticketId, 'PUT'),
    markUnread: (ticketId: string) => mark(ticketId, 'DELETE')
  }
}
