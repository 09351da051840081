import { LazyTicketSnoozeModal } from '#components'

/** Opens a date picker to snooze `subject` ("#012", "3 tickets"); resolves to the time in ISO 8601, or null if cancelled. */
export function useSnoozePicker() {
  const overlay = useOverlay()

  return async (subject: string): Promise<string | null> =>
    (await overlay.create(LazyTicketSnoozeModal, { destroyOnClose: true }).open({ subject }).result) ?? null
}
