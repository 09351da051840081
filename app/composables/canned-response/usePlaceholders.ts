import type { TicketRow } from '#shared/types/api'

/** Fills in placeholders from a ticket, and lists those that are left in `text`. */
export function usePlaceholders(text: Ref<string>, ticket: () => TicketRow) {
  const { profile, team } = useTeam()
  const acceptedSources = ref<string[]>([])

  const values = computed<PlaceholderValues>(() => ({
    'requester.name': ticket().requester_name,
    'ticket.number': ticketNumber(ticket().ticket_number),
    'ticket.subject': ticket().subject,
    'agent.name': profile.value?.full_name,
    'team.name': team.value?.name
  }))
  const unresolved = computed(() =>
    findPlaceholders(text.value).filter(
      ({ source }, index, all) => !acceptedSources.value.includes(source) && all.findIndex(other => other.source === source) === index
    )
  )

  watch([() => ticket().id, () => text.value === ''], () => {
    acceptedSources.value = []
  })

  return {
    unresolved,
    fill: (template: string) => fillPlaceholders(template, values.value),
    /** Accepts a placeholder as literal text. */
    keep: ({ source }: Placeholder) => {
      acceptedSources.value = [...acceptedSources.value, source]
    }
  }
}
