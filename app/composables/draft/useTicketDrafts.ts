interface TicketDraft {
  team_id?: string
  ticket_number?: number
  note?: { ticket_number?: number }
}

/** This person's drafts for a ticket of the team, to show them after the ticket was deleted. */
export function useTicketDrafts(ticketNumber: () => number) {
  const { profile, teamId } = useTeam()
  const texts = computed(() =>
    listDrafts(profile.value?.id ?? '').filter(({ key }) => {
      const draft = readDraft<TicketDraft>(key)
      const isOfTeam = draft?.team_id === teamId.value || key.includes(`:${teamId.value}:`)
      return isOfTeam && (draft?.ticket_number ?? draft?.note?.ticket_number) === ticketNumber()
    })
  )
  return { texts, discard: (key: string) => writeDraft(key, null) }
}
