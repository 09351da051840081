import type { TicketRow } from '#shared/types/api'

const toastMs = 8_000

/** Snoozes and wakes the open ticket, with undo. */
export function useTicketSnooze(ticket: Ref<TicketRow | null>) {
  const { update } = useTicketActions()
  const toast = useToast()
  const pickSnoozeTime = useSnoozePicker()
  const { run: change } = useAction(update, { failure: 'The ticket was not snoozed' })
  /** The ticket before it was last snoozed or woken here, for undo. */
  const snoozed = shallowRef<TicketRow | null>(null)

  /** Null wakes the ticket. */
  async function snooze(until: string | null): Promise<void> {
    const before = ticket.value
    const changed = before && (await change(before, { snoozed_until: until }))
    if (!changed) return
    snoozed.value = before
    toast.add({
      title: until
        ? `${ticketNumber(changed.ticket_number)} is snoozed until ${momentName(until)}`
        : `${ticketNumber(changed.ticket_number)} is awake`,
      color: 'success',
      icon: until ? 'i-lucide-alarm-clock' : 'i-lucide-alarm-clock-off',
      duration: toastMs,
      actions: [{ label: 'Undo', icon: 'i-lucide-undo-2', color: 'neutral', variant: 'outline', onClick: () => void unsnooze(before) }]
    })
  }

  async function unsnooze(before = snoozed.value): Promise<void> {
    if (!before) return
    snoozed.value = null
    const now = ticket.value?.id === before.id ? ticket.value : before
    await change(now, { snoozed_until: before.snoozed_until })
  }

  /** Asks for the time. */
  async function snoozeUntil(): Promise<void> {
    const until = ticket.value && (await pickSnoozeTime(ticketNumber(ticket.value.ticket_number)))
    if (until) await snooze(until)
  }

  return {
    snooze,
    snoozeUntil,
    unsnooze: () => unsnooze(),
    canUnsnooze: () => snoozed.value !== null && snoozed.value.id === ticket.value?.id
  }
}
